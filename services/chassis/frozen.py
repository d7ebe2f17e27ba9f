"""Lists and dictionaries that cannot be changed, as rows hold them.

A change inside of a value would be seen by nobody: rows are compared with what the database holds. A handler that changed
one in place would see its change until the end of the batch, and lose it then.
"""

from typing import Any, NoReturn


def _refuse(self: object, *_: object, **__: object) -> NoReturn:
    raise TypeError(
        "a value of a row cannot be changed in place: assign a new one, such as [*row.values, one] or "
        "{**row.values, key: one}"
    )


class FrozenList(list[Any]):
    """A list that refuses every change."""

    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse


class FrozenDict(dict[str, Any]):
    """A dictionary that refuses every change."""

    update = setdefault = pop = popitem = clear = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse


def frozen(value: Any) -> Any:
    """The JSON value with its lists and dictionaries frozen, at every depth."""
    if isinstance(value, list):
        return FrozenList(frozen(one) for one in value)
    if isinstance(value, dict):
        return FrozenDict((key, frozen(one)) for key, one in value.items())
    return value
