"""What every service needs and none is about. Who writes a service needs this page: a table, a Base, a life.

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

A handler loads, asks the model and returns what happened: one `Said`, several, or nothing. It knows no clock
(`m.recordedtime` is now), commits nothing and publishes nothing: the fold does, all of a batch in one transaction. A rule
that says no raises `Refused` before it changes anything. `Base` is `class Base(FoldedBase): __abstract__ = True`; the
messages stand in a module of contracts/ that says `OWNER = "tools"`. docs/writing-a-service.md goes on.
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


def __getattr__(name: str) -> Any:
    """Loads SQLAlchemy when it is first needed: the command line speaks to the broker without it, in half the time."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULE_OF.get(name, 'model')}"), name)
