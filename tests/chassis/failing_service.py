"""The service issues with handlers and an edge that fail, as an application that is started as users start it.

    faststream run --factory tests.chassis.failing_service:make_app --host 127.0.0.1 --port N

The title of an issue decides what its handler does: compute for ever, compute for ever without releasing the GIL, or be
slow once. While the file exists that the variable SICK names, the edge raises an unexpected error; a file `sick.deaf` beside
it makes the health check hang.
"""

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from microgov.contracts.issues import SubmitIssue
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.chassis.runtime import watchdog
from microgov.services.chassis.runtime.app import Application, make
from microgov.services.chassis.runtime.settings import Settings
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.service import several
from microgov.services.issues.app import tenancy
from microgov.services.issues.handlers import service as issues
from microgov.services.issues.model import Place

BUSY, HOLDING, SLOW = "busy", "holding", "slow"
SICK = Path(os.environ.get("SICK", os.devnull))
ASKED = watchdog.Watch._asked
HONEST = issues.handlers[SubmitIssue]


def submit_issue(m: Envelope[SubmitIssue], s: Session) -> Iterator[Said]:
    if m.data.title == BUSY:
        while True:
            time.sleep(0.01)
    if m.data.title == HOLDING:
        re.match("(a+)+$", "a" * 60 + "b")  # backtracks practically for ever, and never releases the GIL
    if m.data.title == SLOW:
        s.execute(select(Place.id)).all()
        time.sleep(7)  # longer than PostgreSQL's idle_in_transaction_session_timeout
    yield from several(HONEST(m, s))


def _edge(of: Tenancy) -> Callable[[], Awaitable[int]]:
    async def step() -> int:
        if of.tenant.name == "sick" and await asyncio.to_thread(SICK.exists):
            raise ZeroDivisionError("nobody foresaw this")
        return 0

    return step


async def asked(of: watchdog.Watch) -> None:
    if SICK.with_suffix(".deaf").exists():
        await asyncio.Event().wait()
    await ASKED(of)


def make_app() -> Application:
    """For `faststream run --factory`."""
    vars(watchdog)["Watch"]._asked = asked
    watchdog.ALL_IN_TROUBLE = float(os.environ.get("NOBODY", watchdog.ALL_IN_TROUBLE))
    settings = Settings()
    tenancies = [tenancy(tenant, settings) for tenant in settings.hosted()]
    for one in tenancies:
        one.service = replace(issues, handlers={**issues.handlers, SubmitIssue: submit_issue})
        one.edges.append(_edge)
        one.begin()
    return make("issues", settings, tenancies)
