"""`python -m services.lives` writes docs/LIVES.md, every entity's life as diagram and table; `--check` only looks.

It follows from the tables that the handlers move entities by (`Life` of the chassis), so it cannot say anything else.
"""

import argparse
import sys
from pathlib import Path

from services.chassis.model import BACK, SAME, Cause, Life, Transition
from services.issues import actions, life
from services.issues.ballots import ballot as ballots
from services.issues.deliberation import council, disagreements, roundtables, sessions, topic_life
from services.issues.mediation import mediation
from services.issues.visits import life as visits
from services.matching.offers import offer as offers
from services.matching.orders import order as orders
from services.matching.registry import organisations as registry
from services.matching.registry import providers
from services.matching.serving import proposals
from services.matching.teams import life as teams
from services.notify import deliveries

COMMAND = "python -m services.lives"
ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "LIVES.md"
HOLDERS = (life, topic_life, sessions, ballots, disagreements, actions, mediation, council, roundtables, visits,
           registry, providers, offers, orders, proposals, teams, deliveries)
LIVES: dict[str, Life] = {holder.__name__: holder.LIFE for holder in HOLDERS}
"""Every life there is, by the module that holds it."""
HEAD = f"""# Lives · 生命周期

Written by `{COMMAND}` from the tables in `services/`; do not edit. 本页由转移表生成，请勿手工修改。
What a table has no row for is refused as `wrong_state`; who may send a message stands in
[MESSAGES.md](../contracts/MESSAGES.md). What is in *italics* is a deadline or a rule, not a message.
"""


def page() -> str:
    """The whole of docs/LIVES.md."""
    return "\n".join([HEAD, *(_section(module, life) for module, life in LIVES.items())])


def main(arguments: list[str] | None = None) -> int:
    """0: the page is current (now); 1 with `--check`: it is not."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the page is not current")
    check = parser.parse_args(arguments).check
    current = PAGE.exists() and PAGE.read_text() == page()
    if check and not current:
        print(f"not current: {PAGE.relative_to(ROOT)}\n"
              f"Run `{COMMAND}` and commit what it writes. 请运行 `{COMMAND}` 并提交其结果。", file=sys.stderr)
        return 1
    if not current:
        PAGE.write_text(page())
    return 0


def _section(module: str, life: Life) -> str:
    where = f"{module.replace('.', '/')}.py"
    rows: dict[str, list[str]] = {}
    for (state, cause), row in life.table.items():
        rest = f"{_cause(cause)} | `{row.event.__name__}` | {_to(row)} | {_asked(row)} |"
        rows.setdefault(rest, []).append(state or "–")
    guards = {guard.code: guard for row in life.table.values() for guard in row.guards}
    return "\n".join([
        f"## {life.zh} · {life.name.replace('_', ' ')}", "", f"[{where}](../{where})", "",
        "```mermaid", life.diagram(), "```", "",
        "| from | by | event | to | asked |", "|---|---|---|---|---|",
        *(f"| {', '.join(states)} | {rest}" for rest, states in rows.items()), "",
        *(f"- `{code}`: {guard.zh} {guard.en}" for code, guard in guards.items()), *([""] if guards else []),
    ])


def _cause(cause: Cause) -> str:
    return f"*{cause}*" if isinstance(cause, str) else f"`{cause.__name__}`"


def _to(row: Transition) -> str:
    return {SAME: "(same)", BACK: "(where it came from)"}.get(row.to, row.to)


def _asked(row: Transition) -> str:
    return ", ".join(f"`{guard.code}`" for guard in row.guards) or "–"


if __name__ == "__main__":
    sys.exit(main())
