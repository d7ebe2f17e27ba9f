"""The household file 家庭档案: by consent, minimal, in its table alone; whoever reads it is written down."""

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from microgov.contracts import issues
from microgov.contracts.fields import NEVER_HELD
from microgov.contracts.message import Event, Message, Question
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.model import Refused
from microgov.services.chassis.store.migrate import metadata_of
from microgov.services.issues.edge.file_log import LINES_PER_QUERY, FileUseReporter
from microgov.services.issues.handlers import service
from microgov.services.issues.model import Kept
from microgov.services.issues.visits.files import FileUse, HouseholdFile
from tests.issues import visit_steps
from tests.support.service_driver import START, ServiceDriver

SECRET = "奶奶走路不便"


class Cabinet:
    """A round with a visit to h-1, its files, and what the edge has told the log."""

    def __init__(self) -> None:
        self.driver, self.told = visit_steps.start(), list[tuple[str, str, Event]]()
        visit_steps.make(self.driver)
        engine = self.driver.s.get_bind()
        assert isinstance(engine, Engine)
        self.driver.s.commit()
        Kept.metadata.create_all(engine)
        self.engine, self.teller = engine, FileUseReporter(engine, self.report)

    async def report(self, uses: list[tuple[str, str, Event]]) -> None:
        self.told += uses

    def ask(self, question: Question) -> issues.HouseholdFileShown:
        """As the application answers an admin_request: in one transaction."""
        with Session(self.engine) as s, s.begin():
            shown = service.admin_requests[type(question)](question, s)
        assert isinstance(shown, issues.HouseholdFileShown)
        return shown

    def keep(self, entries: dict[str, str] | None = None, **changed: str) -> issues.HouseholdFileShown:
        given = [
            issues.FileEntry(name=name, text=text) for name, text in (entries or {"needs": SECRET}).items()
        ]
        asked: dict[str, Any] = {
            "household": "h-1",
            "by": "p-fed",
            "consented_by": "p-2",
            "entries": given,
            **changed,
        }
        return self.ask(issues.KeepHouseholdFile.model_validate(asked))

    def read(self, **changed: str) -> issues.HouseholdFileShown:
        return self.ask(
            issues.ReadHouseholdFile.model_validate(
                {"household": "h-1", "by": "p-fed", "why": "care", **changed}
            )
        )

    def rows(self, table: Any) -> int:
        with Session(self.engine) as s:
            return s.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def refused(self, **asked: Any) -> str:
        with pytest.raises(Refused) as caught:
            self.keep(**asked)
        assert caught.value.words.zh and caught.value.words.en
        return caught.value.code


def test_a_file_is_kept_by_consent_and_read_and_replaced_and_erased() -> None:
    cabinet = Cabinet()

    cabinet.keep({"needs": SECRET, "members": "3"})
    cabinet.keep()
    shown = cabinet.read()
    erased = cabinet.ask(issues.EraseHouseholdFile(household="h-1", by="p-fed", why="withdrawn_consent"))

    assert shown.entries == [issues.FileEntry(name="needs", text=SECRET)] and shown.consented_by == "p-2"
    assert erased.entries == [] and cabinet.rows(HouseholdFile) == 0


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"consented_by": "p-3"}, "not_of_this_household"),
        ({"consented_by": "p-99"}, "not_of_this_household"),
        ({"by": "p-chen"}, "not_their_visitor"),
        ({"household": "h-2"}, "not_their_visitor"),
        ({"entries": {"income": "x"}}, "not_in_a_file"),
    ],
)
def test_without_consent_or_a_visit_or_with_more_than_a_file_says_it_is_refused(
    asked: dict[str, Any], code: str
) -> None:
    cabinet = Cabinet()

    assert cabinet.refused(**asked) == code
    assert cabinet.rows(HouseholdFile) == cabinet.rows(FileUse) == 0


@pytest.mark.parametrize("name", sorted(NEVER_HELD))
def test_what_is_never_held_is_refused_by_its_name(name: str) -> None:
    assert Cabinet().refused(entries={"needs": "x", name: "x"}) == "never_held"


@pytest.mark.rule("2", "some things are held nowhere")
def test_no_message_no_question_and_no_table_has_a_place_for_it() -> None:
    fields = {name for cls in every_message() for name in _names(cls.model_json_schema())}
    tables = [
        table
        for service in FOLDS
        for meta in metadata_of(_home(service.name))
        for table in meta.tables.values()
    ]
    columns = {column.name for table in tables for column in table.columns}

    assert len(fields) > 100 and len(columns) > 100
    assert not NEVER_HELD & (fields | columns | set(issues.ENTRIES))
    assert {"religion", "petition_history", "id_number", "marital_status"} <= NEVER_HELD


def _home(service: str) -> str:
    return {"directory": "gateway"}.get(service, service)


def _names(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {name for one in schema for name in _names(one)}
    if not isinstance(schema, dict):
        return set()
    inner = {name for one in schema.values() for name in _names(one)}
    return inner | set(schema.get("properties", {}))


@pytest.mark.parametrize("who", ["p-chen", "p-2"])
def test_only_who_has_visited_them_reads_it(who: str) -> None:
    cabinet = Cabinet()
    cabinet.keep()

    with pytest.raises(Refused) as caught:
        cabinet.read(by=who)

    assert caught.value.code == "not_their_visitor" and cabinet.rows(FileUse) == 1


@pytest.mark.rule("2", "the household file is in no message, its every reading is")
async def test_every_use_is_told_to_the_log_once_without_what_is_in_it() -> None:
    cabinet = Cabinet()
    cabinet.keep()
    cabinet.read()
    cabinet.read(why="correction")

    counts = [await cabinet.teller.step(), await FileUseReporter(cabinet.engine, cabinet.report).step()]

    events = [(household, event) for _, household, event in cabinet.told]
    assert counts == [3, 0] and events == [
        ("h-1", issues.HouseholdFileKept(by="p-fed", consented_by="p-2")),
        ("h-1", issues.HouseholdFileRead(by="p-fed", why="care")),
        ("h-1", issues.HouseholdFileRead(by="p-fed", why="correction")),
    ]
    assert len({id for id, _, _ in cabinet.told}) == 3


async def test_a_read_that_could_not_be_told_is_told_later_under_the_same_id() -> None:
    cabinet = Cabinet()
    cabinet.keep()

    async def lost(uses: list[tuple[str, str, Event]]) -> None:
        cabinet.told += uses
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await FileUseReporter(cabinet.engine, lost).step()
    await cabinet.teller.step()

    assert len(cabinet.told) == 2 and cabinet.told[0] == cabinet.told[1]


async def test_a_use_that_cannot_be_told_is_set_aside_and_the_others_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cabinet = Cabinet()
    for n in range(LINES_PER_QUERY + 1):
        cabinet.driver.s.add(
            FileUse(
                id=f"odd-{n:03}",
                household="h-1",
                what="eaten",
                by="p-fed",
                why=None,
                consented_by=None,
                at=START,
                told=False,
            )
        )
    cabinet.driver.s.commit()
    cabinet.keep()
    counters = Counter[str]()
    teller = FileUseReporter(cabinet.engine, cabinet.report, counters)

    assert [await teller.step() for _ in range(3)] == [0, 1, 0]

    assert [event for _, _, event in cabinet.told] == [
        issues.HouseholdFileKept(by="p-fed", consented_by="p-2")
    ]
    assert (
        counters["set_aside"]
        == len([one for one in caplog.records if "set aside" in one.getMessage()])
        == LINES_PER_QUERY + 1
    )


def test_no_event_and_no_folded_row_has_a_place_for_what_a_file_says() -> None:
    """A file is asked for and answered, and questions never stand in the log."""
    holding = [cls for cls in every_message() if "FileEntry" in str(cls.model_json_schema())]
    kinds: list[type[Message]] = [issues.KeepHouseholdFile]

    assert holding == kinds and {cls.KIND for cls in holding} == {"question"}
    assert HouseholdFile.__tablename__ in Kept.metadata.tables


def test_a_question_before_anything_is_kept_finds_nothing() -> None:
    cabinet = Cabinet()

    with pytest.raises(Refused) as caught:
        cabinet.read()

    assert caught.value.code == "not_found"


def said_in(driver: ServiceDriver) -> str:
    return "".join(m.model_dump_json() for m in driver.everything)


def test_nothing_of_a_file_is_in_any_message() -> None:
    cabinet = Cabinet()

    cabinet.keep()
    cabinet.read()
    visit_steps.record(cabinet.driver)
    visit_steps.tell(cabinet.driver, 1, 2)

    assert "p-fed" in said_in(cabinet.driver) and SECRET not in said_in(cabinet.driver)
