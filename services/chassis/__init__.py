"""The chassis: what every service needs, whatever it is about. An example of a service: a table, a Base, a state machine.

    class Tool(Entity, Base):
        __tablename__ = "tool"
        CALLED = "Tool"
        state: Mapped[str]

        def lend(self, m: Envelope[LendTool], s: Session) -> Said:
            LIFE.move(self, m, s)
            return self.say(ToolLent(to=m.beneficiary))

    LIFE = Life(
        "tool", "工具",
        states={"here": ("在库", "here"), "lent": ("已借出", "lent")},
        table={(None, OfferTool): Transition("here", ToolOffered), ("here", LendTool): Transition("lent", ToolLent)},
    )

    def offer_tool(m: Envelope[OfferTool], s: Session) -> Said:
        return Tool.new(s, m.subject, state="here").say(ToolOffered())

    service = Service(name="tools", base=Base, handlers={OfferTool: offer_tool, LendTool: on(Tool, Tool.lend)})

A handler loads rows, calls the model and returns what happened: one `Said`, several, or nothing. It reads no clock
(`m.recordedtime` is now), commits nothing and publishes nothing: the fold does both, for a whole batch in one transaction. A
rule that is broken raises `Refused` before anything has changed. `Base` is `class Base(FoldedBase): __abstract__ = True`.
The classes of the messages are in a module of contracts/ with `OWNER = "tools"`. docs/writing-a-service.md explains more.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from microgov.services.chassis.columns import FoldedBase, KeptBase
    from microgov.services.chassis.deadline import DeadlineRow
    from microgov.services.chassis.model import SAME, Entity, Guard, Life, Refused, Said, Transition, each
    from microgov.services.chassis.service import Service, due, on, reads

__all__ = [
    "SAME",
    "DeadlineRow",
    "Entity",
    "FoldedBase",
    "Guard",
    "KeptBase",
    "Life",
    "Refused",
    "Said",
    "Service",
    "Transition",
    "due",
    "each",
    "on",
    "reads",
]
_MODULE_OF = {
    "DeadlineRow": "deadline",
    "FoldedBase": "columns",
    "KeptBase": "columns",
    "Service": "service",
    "reads": "service",
    "on": "service",
    "due": "service",
}


if not TYPE_CHECKING:  # otherwise the type checker takes every name for one of these

    def __getattr__(name: str) -> Any:
        """Imports the name when it is first used. The command line talks to the broker without SQLAlchemy and starts in half
        the time.
        """
        if name not in __all__:
            raise AttributeError(name)
        return getattr(import_module(f"{__name__}.{_MODULE_OF.get(name, 'model')}"), name)
