"""Household files 家庭档案: kept by consent, with few fields, outside the log; every use of a file is an event."""

from collections import Counter
from typing import Any

import pytest

from microgov.contracts import issues
from microgov.contracts.fields import NEVER_HELD
from microgov.contracts.message import Event, Message
from microgov.contracts.registry import every_message
from microgov.folds import FOLDS
from microgov.services.chassis.model import Refused
from microgov.services.chassis.store.migrate import metadata_of
from microgov.services.issues.edge.file_log import LINES_PER_QUERY, FileUseReporter
from microgov.services.issues.model import Kept
from microgov.services.issues.visits.files import FileUse, HouseholdFile
from microgov.testing.service_driver import START, ServiceDriver
from tests.issues import visit_steps
from tests.issues.household_file_steps import SECRET, HouseholdFiles


def test_a_file_is_kept_by_consent_and_read_and_replaced_and_erased() -> None:
    files = HouseholdFiles()

    files.keep({"needs": SECRET, "members": "3"})
    files.keep()
    shown = files.read()
    erased = files.ask(issues.EraseHouseholdFile(household="h-1", by="p-fed", why="withdrawn_consent"))

    assert shown.entries == [issues.FileEntry(name="needs", text=SECRET)]
    assert shown.consented_by == "p-2"
    assert erased.entries == []
    assert files.row_count(HouseholdFile) == 0


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
def test_keeping_a_file_without_consent_or_visit_or_with_an_unknown_entry_is_refused(
    asked: dict[str, Any], code: str
) -> None:
    files = HouseholdFiles()

    assert files.refusal_code(**asked) == code
    assert files.row_count(HouseholdFile) == files.row_count(FileUse) == 0


@pytest.mark.parametrize("name", sorted(NEVER_HELD))
def test_an_entry_that_may_never_be_stored_is_refused_by_its_name(name: str) -> None:
    assert HouseholdFiles().refusal_code(entries={"needs": "x", name: "x"}) == "never_held"


@pytest.mark.rule("1", "some personal data is stored nowhere")
def test_no_message_and_no_table_has_a_field_for_what_may_never_be_stored() -> None:
    fields = {name for cls in every_message() for name in _property_names(cls.model_json_schema())}
    tables = [
        table
        for service in FOLDS
        for meta in metadata_of(_folder_of(service.name))
        for table in meta.tables.values()
    ]
    columns = {column.name for table in tables for column in table.columns}

    assert len(fields) > 100
    assert len(columns) > 100
    assert not NEVER_HELD & (fields | columns | set(issues.ENTRIES))
    assert {"religion", "petition_history", "id_number", "marital_status"} <= NEVER_HELD


def _folder_of(service: str) -> str:
    """The folder in `services/` that holds the service."""
    return {"directory": "gateway"}.get(service, service)


def _property_names(schema: Any) -> set[str]:
    """The names of all properties in a JSON schema."""
    if isinstance(schema, list):
        return {name for one in schema for name in _property_names(one)}
    if not isinstance(schema, dict):
        return set()
    inner = {name for one in schema.values() for name in _property_names(one)}
    return inner | set(schema.get("properties", {}))


@pytest.mark.parametrize("who", ["p-chen", "p-2"])
def test_only_a_visitor_of_the_household_reads_its_file(who: str) -> None:
    files = HouseholdFiles()
    files.keep()

    with pytest.raises(Refused) as caught:
        files.read(by=who)

    assert caught.value.code == "not_their_visitor"
    assert files.row_count(FileUse) == 1


@pytest.mark.rule("2.4", "the contents of a household file are in no message, but every reading of it is")
async def test_every_use_is_reported_to_the_log_once_without_the_contents() -> None:
    files = HouseholdFiles()
    files.keep()
    files.read()
    files.read(why="correction")

    counts = [await files.use_reporter.step(), await FileUseReporter(files.engine, files.report).step()]

    events = [(household, event) for _, household, event in files.reported]
    assert counts == [3, 0]
    assert events == [
        ("h-1", issues.HouseholdFileKept(by="p-fed", consented_by="p-2")),
        ("h-1", issues.HouseholdFileRead(by="p-fed", why="care")),
        ("h-1", issues.HouseholdFileRead(by="p-fed", why="correction")),
    ]
    assert len({id for id, _, _ in files.reported}) == 3


async def test_a_read_that_could_not_be_reported_is_reported_later_under_the_same_id() -> None:
    files = HouseholdFiles()
    files.keep()

    async def failing_report(uses: list[tuple[str, str, Event]]) -> None:
        files.reported += uses
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await FileUseReporter(files.engine, failing_report).step()
    await files.use_reporter.step()

    assert len(files.reported) == 2
    assert files.reported[0] == files.reported[1]


async def test_a_use_that_cannot_be_reported_is_set_aside_and_the_others_are_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    files = HouseholdFiles()
    for n in range(LINES_PER_QUERY + 1):
        files.driver.s.add(
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
    files.driver.s.commit()
    files.keep()
    counters = Counter[str]()
    reporter = FileUseReporter(files.engine, files.report, counters)

    assert [await reporter.step() for _ in range(3)] == [0, 1, 0]

    assert [event for _, _, event in files.reported] == [
        issues.HouseholdFileKept(by="p-fed", consented_by="p-2")
    ]
    assert (
        counters["set_aside"]
        == len([one for one in caplog.records if "set aside" in one.getMessage()])
        == LINES_PER_QUERY + 1
    )


def test_no_event_and_no_folded_row_has_a_field_for_the_entries_of_a_file() -> None:
    """Entries are in questions and answers alone, and those are never written to the log."""
    holding = [cls for cls in every_message() if "FileEntry" in str(cls.model_json_schema())]
    expected: list[type[Message]] = [issues.KeepHouseholdFile]

    assert holding == expected
    assert {cls.KIND for cls in holding} == {"question"}
    assert HouseholdFile.__tablename__ in Kept.metadata.tables


def test_reading_a_file_that_was_never_kept_is_refused() -> None:
    files = HouseholdFiles()

    with pytest.raises(Refused) as caught:
        files.read()

    assert caught.value.code == "not_found"


def all_messages(driver: ServiceDriver) -> str:
    """Every message that the service received or emitted, as JSON."""
    return "".join(m.model_dump_json() for m in driver.everything)


def test_the_contents_of_a_file_are_in_no_message() -> None:
    files = HouseholdFiles()

    files.keep()
    files.read()
    visit_steps.record_lists(files.driver)
    visit_steps.give_feedback(files.driver, 1, 2)

    assert "p-fed" in all_messages(files.driver)
    assert SECRET not in all_messages(files.driver)
