"""`python -m tools.life_tables` writes docs/LIVES.md, a diagram and a table of every state machine.

They are made from the tables of transitions that the handlers use (`Life` of the chassis). `--check` only compares the page.
"""

import sys
from pathlib import Path

from microgov.services.chassis.model import BACK, SAME, Cause, Life, Transition
from microgov.services.issues.actions import life as actions
from microgov.services.issues.deliberation.ballots import life as ballots
from microgov.services.issues.deliberation.sessions import council, session
from microgov.services.issues.deliberation.topics import disagreement, round_table
from microgov.services.issues.deliberation.topics import life as topic_life
from microgov.services.issues.issue import life
from microgov.services.issues.mediation import mediation
from microgov.services.issues.visits import life as visits
from microgov.services.matching.care_teams import life as teams
from microgov.services.matching.offers import offer as offers
from microgov.services.matching.orders import life as orders
from microgov.services.matching.registry import organisations as registry
from microgov.services.matching.registry import providers
from microgov.services.matching.serving import life as proposals
from microgov.services.notify.notices import delivery
from tools.pages import write_or_check

COMMAND = "python -m tools.life_tables"
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "LIVES.md"
HOLDERS = (
    life,
    topic_life,
    session,
    ballots,
    disagreement,
    actions,
    mediation,
    council,
    round_table,
    visits,
    registry,
    providers,
    offers,
    orders,
    proposals,
    teams,
    delivery,
)
LIVES: dict[str, Life] = {holder.__name__: holder.LIFE for holder in HOLDERS}
"""Every state machine, by the name of its module."""
HEAD = f"""# Lives · 生命周期

Written by `{COMMAND}` from the tables in `services/`; do not edit. 本页由转移表生成，请勿手工修改。
A command for which a state has no row is refused as `wrong_state`. [MESSAGES.md](../contracts/MESSAGES.md) lists who may
send a message. A cause in *italics* is a deadline or a rule, not a message. The last column names the conditions.
"""


def page() -> str:
    """The text of docs/LIVES.md."""
    return "\n".join([HEAD, *(_section(module, life) for module, life in LIVES.items())])


def main(arguments: list[str] | None = None) -> int:
    """Writes the page and returns 0. With `--check` it writes nothing, and returns 1 if the page is out of date."""
    return write_or_check(COMMAND, __doc__ or "", {PAGE: page()}, arguments)


def _section(module: str, life: Life) -> str:
    where = f"{module.removeprefix('microgov.').replace('.', '/')}.py"
    rows: dict[str, list[str]] = {}
    for (state, cause), row in life.table.items():
        rest = f"{_cause(cause)} | `{row.event.__name__}` | {_to(row)} | {_conditions(row)} |"
        rows.setdefault(rest, []).append(state or "–")
    guards = {guard.code: guard for row in life.table.values() for guard in row.guards}
    return "\n".join(
        [
            f"## {life.zh} · {life.name.replace('_', ' ')}",
            "",
            f"[{where}](../{where})",
            "",
            "```mermaid",
            life.diagram(),
            "```",
            "",
            "| from | by | event | to | conditions |",
            "|---|---|---|---|---|",
            *(f"| {', '.join(states)} | {rest}" for rest, states in rows.items()),
            "",
            *(f"- `{code}`: {guard.zh} {guard.en}" for code, guard in guards.items()),
            *([""] if guards else []),
        ]
    )


def _cause(cause: Cause) -> str:
    return f"*{cause}*" if isinstance(cause, str) else f"`{cause.__name__}`"


def _to(row: Transition) -> str:
    return {SAME: "(same)", BACK: "(where it came from)"}.get(row.to, row.to)


def _conditions(row: Transition) -> str:
    return ", ".join(f"`{guard.code}`" for guard in row.guards) or "–"


if __name__ == "__main__":
    sys.exit(main())
