"""Whole lives of orders at the matching service, for P1 and P5. Many are open at once, and their steps are interleaved.

Each order is placed, screened, assigned and accepted; a person is proposed, accepts, checks in and checks out; the order is
reported done and rated: ten commands, none of which is refused. `python -m bench.order_lives NATS DATABASE COUNT 0|1 OLD`
measures the service (0) or the naive service (1), with OLD closed orders in the database before.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench import naive, ours
from bench.issue_lives import interleaved
from bench.setup import CHUNK_SIZE, RowBatches, run_contestant
from bench.workload import PLACE, TEXT, AddressedMessage, people, reference_rows, stamped
from microgov.contracts import matching
from microgov.contracts.fields import Role
from microgov.services.chassis.log import Outgoing
from microgov.services.matching.handlers import service

LENGTH, OFFERS = 10, 200
BRANCH, RESIDENT, REP, VOLUNTEER = Role.BRANCH, Role.RESIDENT, Role.ORGANISATION, Role.VOLUNTEER
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def life(n: int) -> list[AddressedMessage]:
    """The commands of the order `n`, in order: a resident orders, and a volunteer of an organisation serves."""
    order, asked, offer = f"order-{n}", f"asked-{n}", f"offer-{n % OFFERS}"
    resident, helper = f"p-{6 * n}", f"p-{6 * n + 3}"
    given = matching.AssignOrder(
        organisation=_organisation(n), offer=offer, slot=None, reason="就近", followed_suggestion=False
    )
    return [
        (order, matching.PlaceOrder(offer=offer, text=TEXT[:20], channel="app"), resident, RESIDENT),
        (order, matching.ScreenOrder(accepted=True, reason="属实"), "p-branch", BRANCH),
        (order, given, "p-branch", BRANCH),
        (order, matching.AcceptAssignment(), "p-rep", REP),
        (asked, matching.ProposePerson(order=order, person=helper), "p-rep", REP),
        (asked, matching.AcceptProposal(channel="app"), helper, VOLUNTEER),
        (order, matching.CheckIn(channel="app"), helper, VOLUNTEER),
        (order, matching.CheckOut(channel="app"), helper, VOLUNTEER),
        (order, matching.ReportDone(minutes=40, note="修好了"), "p-rep", REP),
        (order, matching.RateOrder(stars=5, channel="app"), resident, RESIDENT),
    ]


def _organisation(n: int) -> str:
    return f"org-{n % OFFERS % 20}"


def rows_before(count: int, _: int, old: int = 0) -> RowBatches:
    """The rows before the run: rules, organisations, offers, people, and `old` closed orders."""
    yield from reference_rows().items()
    yield (
        "organisation",
        [
            {
                "id": f"org-{n}",
                "version": 1,
                "name": "邻里互助社",
                "status": "filed",
                "domains": ["repair"],
                "places": [PLACE],
                "representatives": ["p-rep"],
            }
            for n in range(20)
        ],
    )
    yield (
        "offer",
        [
            {
                "id": f"offer-{n}",
                "version": 1,
                "state": "published",
                "organisation": _organisation(n),
                "title": "修水管",
                "module": "repair",
                "place": PLACE,
                "slots": 0,
            }
            for n in range(OFFERS)
        ],
    )
    yield "person", people(range(6 * -(-count // LENGTH)))
    for first in range(0, old, CHUNK_SIZE):
        yield "order", [_served(n) for n in range(first, min(old, first + CHUNK_SIZE))]


def _served(n: int) -> dict[str, object]:
    return {
        "id": f"old-{n}",
        "version": 9,
        "state": "closed",
        "beneficiary": f"p-{n % 1000}",
        "placed_by": f"p-{n % 1000}",
        "place": PLACE,
        "text": TEXT[:20],
        "offer": f"offer-{n % OFFERS}",
        "organisation": _organisation(n),
        "needed": 1,
        "lead": False,
        "staffed": 1,
        "closing": "fulfilled",
        "stars": 5,
        "placed_at": LONG_AGO,
        "urgency": "ordinary",
    }


def logged_commands(count: int, *_: int) -> Iterator[Outgoing]:
    """The commands as messages of the log."""
    return stamped(interleaved(life, LENGTH, count), "orders", timedelta(milliseconds=100))


if __name__ == "__main__":
    run_contestant(
        naive.run if sys.argv[4] == "1" else ours.run,
        rows_before,
        logged_commands,
        simulated=True,
        service=service,
    )
