"""The methods of SQLAlchemy's session that a fold's session does not have. Each says what to use instead."""

from typing import Any, NoReturn

from sqlalchemy.orm import Session


class NotSupported(Exception):
    """A method that a fold's session does not have; the text says what to use instead."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(f"the session of a fold has no {what}: {instead}")


def _refusing(name: str, instead: str) -> Any:
    def refuse(self: Session, *_: object, **__: object) -> NoReturn:
        raise NotSupported(name, instead)

    return refuse


_WHOLE_BATCH = "the fold commits or rolls back the whole batch"
_AS_IT_IS = "get returns the row as it is"
_ADD = "add each row; they are written in one statement"


class SessionWithoutExtras(Session):
    """A session whose methods that a fold cannot honour refuse, instead of being ignored without a word."""

    merge = _refusing("merge", "get the row and assign its attributes, or add a new one")
    commit = _refusing("commit", _WHOLE_BATCH)
    rollback = _refusing("rollback", _WHOLE_BATCH)
    begin_nested = _refusing("begin_nested", _WHOLE_BATCH)
    refresh = _refusing("refresh", _AS_IT_IS)
    expire = _refusing("expire", _AS_IT_IS)
    expunge = _refusing("expunge", "a row that is not to be kept is deleted")
    bulk_save_objects = _refusing("bulk_save_objects", _ADD)
    bulk_insert_mappings = _refusing("bulk_insert_mappings", _ADD)
    bulk_update_mappings = _refusing("bulk_update_mappings", "assign the attributes of each row")
