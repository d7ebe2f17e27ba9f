"""What a year holds: counts of messages by type, of refusals by code, and of commands by what became of them."""

from collections import Counter
from typing import Any

from microgov.contracts.message import REGISTRY, Command, type_in
from microgov.services.chassis.log import Stored, body_of

REFUSED = frozenset({"log.command_refused.v1", "log.event_ignored.v1"})


class Contents:
    """Counts messages as they are written: `types` by type, `codes` of refusals, and all `commands`."""

    def __init__(self) -> None:
        self.types, self.codes = Counter[str](), Counter[str]()

    def add(self, stored: Stored) -> None:
        """Counts one message."""
        kind = type_in(stored.subject)
        self.types[kind] += 1
        if kind in REFUSED:
            self.codes[body_of(stored)["data"]["code"]] += 1

    @property
    def commands(self) -> int:
        """How many messages are commands."""
        return sum(many for kind, many in self.types.items() if issubclass(REGISTRY[kind], Command))

    @property
    def refused(self) -> float:
        """The share of the commands that were refused, in per cent."""
        return 100 * self.codes.total() / max(1, self.commands)

    def as_json(self) -> dict[str, Any]:
        """All counts as JSON values."""
        return {
            "messages": self.types.total(),
            "commands": self.commands,
            "refused_percent": round(self.refused, 2),
            "types": dict(sorted(self.types.items())),
            "refusals": dict(sorted(self.codes.items())),
        }
