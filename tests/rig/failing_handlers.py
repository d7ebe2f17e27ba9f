"""Messages at which handlers of the rig's services fail, until the file `mended` exists.

These are no bugs of the chassis: it must cope with handlers that fail.
"""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from microgov.contracts.issues import SubmitIssue
from microgov.contracts.message import Envelope
from microgov.services.chassis.model import Said
from microgov.services.chassis.runtime.tenancy import Tenancy
from microgov.services.chassis.service import Service, several
from microgov.services.gateway.door import admission
from microgov.services.gateway.door.sender_role import sender_of
from microgov.services.issues.handlers import service as issues
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Base
from microgov.services.notify import app as notify

POISON, UNWRITABLE, KILLER, ODD = "poison", "unwritable", "killer", "p-odd"
"""Titles of an issue at which the handler raises, writes a row that no database accepts, or kills its process; the id of a
person whose messages make the door raise."""

CLAIM_LASTS = timedelta(seconds=3)
"""How long a claim of notify's sender lasts in the rig: an attempt without a result is given up after it."""


class UnexpectedFailure(RuntimeError):
    """The error of a failing handler."""


def failing_service(mended: Path) -> Service:
    """The service issues, whose handler of submit_issue fails at certain titles after it has changed rows."""
    honest = issues.handlers[SubmitIssue]

    def submit_issue(m: Envelope[SubmitIssue], s: Session) -> Iterator[Said]:
        said = list(several(honest(m, s)))
        if m.data.title in (POISON, UNWRITABLE, KILLER) and not mended.exists():
            Issue.find(s, m.subject).people = -1
            if m.data.title == KILLER:
                os.kill(os.getpid(), signal.SIGKILL)
            if m.data.title == POISON:
                raise UnexpectedFailure("the handler was not written for this")
            Issue.find(s, m.subject).title = None  # type: ignore[assignment]  # that is what is wrong with it
        yield from said

    submit_issue.reads = honest.reads  # type: ignore[attr-defined]  # the same rows as the honest one
    return replace(issues, handlers={**issues.handlers, SubmitIssue: submit_issue}, base=Base)


def plant_failures(tenancy: Tenancy, mended: Path) -> None:
    """Replaces handlers of a tenancy by failing ones, before it runs."""
    if tenancy.service.name == "notify":
        vars(notify)["CLAIM_LASTS"] = CLAIM_LASTS
        tenancy.begin()
    if tenancy.service.name == "issues":
        tenancy.service = failing_service(mended)
        tenancy.begin()
    if tenancy.service.name == "directory":
        vars(admission)["sender_of"] = _sender_of


def _sender_of(m: Any, *rest: Any) -> Any:
    if m.authid == ODD:
        raise UnexpectedFailure("the door was not written for this")
    return sender_of(m, *rest)
