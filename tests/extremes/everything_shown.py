"""Formats everything that can be shown of a tenant: sentences for the log, notices, answers as tables and as sheets."""

import asyncio
import io
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from datetime import timedelta
from itertools import groupby, islice
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from microgov.commands.base import print_csv
from microgov.commands.show import rows
from microgov.commands.tail import line
from microgov.contracts.fields import ENTITY
from microgov.contracts.generated.example import example
from microgov.contracts.generated.schema import schema
from microgov.contracts.message import Question, canonical, parse, plain
from microgov.folds import FOLDS
from microgov.services.chassis.log import MemoryLog
from microgov.services.chassis.model import Refused
from microgov.services.chassis.search import Search
from microgov.services.notify.notices.notice import Notice
from microgov.testing.deployment.memory_deployment import MemoryDeployment
from microgov.text.sentences import use_local_time

SOME, NEWEST = 3, 40
LOCAL_TIME = timedelta(hours=8)


def show_everything(deployment: MemoryDeployment, since: int, questions: list[Question]) -> None:
    """Formats the log behind `since`, the newest notices and the answers, in local time; raises if anything fails."""
    use_local_time(LOCAL_TIME)
    for stored in deployment.log.messages[since:]:
        m = parse(stored.subject, stored.data)
        for lang in ("zh", "en"):
            line(stored.seq, m, lang)
    with deployment.session("notify") as s:
        for notice in s.scalars(select(Notice).order_by(Notice.number.desc()).limit(NEWEST)):
            for notice.language in ("zh-Hans", "en"):
                notice.text(s)
    for question in questions:
        with suppress(Refused):
            show_as_table(answer(deployment, question))


def answer(deployment: MemoryDeployment, question: Question) -> dict[str, Any]:
    """The answer as it is sent; raises Refused."""
    service = next(one for one in FOLDS if type(question) in one.questions)
    with deployment.session(service.name) as s:
        found = service.questions[type(question)](question, s)
    if isinstance(found, Search):
        found = asyncio.run(found.run(MemoryLog(deployment.tenant, deployment.log.messages)))
    canonical(plain(found))
    return plain(found)


def show_as_table(found: dict[str, Any]) -> None:
    """Formats an answer as a table and its lists as sheets."""
    rows(found)
    with redirect_stdout(io.StringIO()):
        for many in found.values():
            if isinstance(many, list) and many and isinstance(many[0], dict):
                print_csv(many[0], ([one.get(head) for head in many[0]] for one in many))


def answerable(deployment: MemoryDeployment) -> list[Question]:
    """For every class of question up to SOME questions that have an answer, about ids from the log."""
    found: list[Question] = []
    for _, some in groupby(_questions(deployment), type):
        found += islice((question for question in some if _answers(deployment, question)), SOME)
    return found


def _answers(deployment: MemoryDeployment, question: Question) -> bool:
    try:
        answer(deployment, question)
    except Refused:
        return False
    return True


def _questions(deployment: MemoryDeployment) -> Iterator[Question]:
    named = sorted({parse(one.subject, one.data).subject for one in deployment.log.messages})
    for kind in (kind for service in FOLDS for kind in service.questions):
        data = example(kind)
        data = {name: value for name, value in data.items() if kind.model_fields[name].is_required()}
        ids = [
            name
            for name, node in schema(kind)["properties"].items()
            if node.get("pattern") == ENTITY and name in data
        ]
        for values in [dict.fromkeys(ids, name) for name in named] if ids else [{}]:
            try:
                yield kind.model_validate_json(canonical({**data, **values}))
            except ValidationError:
                continue
