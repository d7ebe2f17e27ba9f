"""The folder of released schemas: nothing leaves it, today's schemas are compared with all of it, versions are added."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from microgov.contracts import __main__ as command
from microgov.contracts.compatibility.accepted import accepted
from microgov.contracts.compatibility.gate import Today, Violation, check, schemas_of_today
from microgov.contracts.compatibility.releases import ACCEPTED, FOLDER, SUMS, Releases
from microgov.contracts.generated.write import json_text
from tests.contracts.schema_changes import DONE, MINUTES, OFFER, STAFFED, VOTE, edited

ROOT = Path(__file__).parents[2]
WORD = {"type": "string", "maxLength": 64, "default": None}
today = cache(schemas_of_today)


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    """A copy of the folder."""
    shutil.copytree(FOLDER, tmp_path / "released")
    return Releases(tmp_path / "released")


def with_edits(type: str, edits: dict[tuple[str | int, ...], Any]) -> dict[str, Today]:
    """Today's schemas, one of which is edited."""
    return {**today(), type: today()[type]._replace(schema=edited(today()[type].schema, edits))}


def refused(releases: Releases, schemas: dict[str, Today]) -> list[Violation]:
    """What the gate refuses, where nothing else is wrong."""
    found = check(releases, schemas)
    assert found.problems == []
    return found.violations


def test_todays_schemas_are_compatible_with_all_that_are_released(releases: Releases) -> None:
    assert check(releases, today()).passed
    assert len(releases.schemas()) >= 344


def test_a_type_that_is_gone_is_refused_and_a_new_one_is_not(releases: Releases) -> None:
    schemas = {name: one for name, one in today().items() if name != VOTE}

    (gone,) = refused(releases, {**schemas, "issues.new.v1": today()[VOTE]})

    assert (gone.type, gone.keyword, gone.released) == (VOTE, "$id", f"urn:microgov:{VOTE}")
    assert "Put the class back" in gone.what_to_do.en


def test_a_violation_names_the_first_version_that_holds_the_value(releases: Releases) -> None:
    wider = with_edits(STAFFED, {("properties", "new"): WORD})
    releases.add({STAFFED: json_text(wider[STAFFED].schema)})

    longer = with_edits(
        STAFFED, {("properties", "new"): {**WORD, "maxLength": 65}, ("properties", "person", "maxLength"): 65}
    )

    assert [(one.path, one.keyword, one.since) for one in refused(releases, longer)] == [
        ("new", "maxLength", "0002"),
        ("person", "maxLength", "0001"),
    ]


def test_every_version_counts_not_the_latest_alone(releases: Releases) -> None:
    """A field that went away and comes back in another form fits the latest version, and not the first."""
    without = {key: one for key, one in today()[STAFFED].schema["properties"].items() if key != "people"}
    gone = with_edits(STAFFED, {("properties",): without})
    assert refused(releases, gone) == []
    releases.add({STAFFED: json_text(gone[STAFFED].schema)})

    back = with_edits(STAFFED, {("properties",): {**without, "people": WORD}})

    assert {(one.path, one.since) for one in refused(releases, back)} == {("people", "0001")}


def test_an_unknown_feature_is_refused_today_in_a_new_type_and_in_what_is_released(
    releases: Releases,
) -> None:
    schemas = with_edits(VOTE, {("additionalProperties",): False})
    new = {**schemas, "issues.new.v1": schemas[VOTE]}

    found = refused(releases, new)

    assert [(one.type, one.keyword, one.since) for one in found] == [
        (VOTE, "additionalProperties", ""),
        ("issues.new.v1", "additionalProperties", ""),
    ]
    assert "does not know" in found[0].what_to_do.en
    releases.add({"issues.new.v1": json_text(schemas[VOTE].schema)})
    assert [one.since for one in refused(releases, {**today(), "issues.new.v1": today()[VOTE]})] == ["0002"]


def empty(folder: Path) -> None:
    shutil.rmtree(folder / "0001")
    (folder / SUMS).write_text("")


def changed(folder: Path) -> None:
    file = folder / "0001" / f"{VOTE}.json"
    file.write_text(file.read_text().replace('"maxLength": 64', '"maxLength": 65'))


def gap(folder: Path) -> None:
    (folder / "0001").rename(folder / "0002")
    (folder / SUMS).write_text((folder / SUMS).read_text().replace("  0001/", "  0002/"))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (empty, "holds no released schema"),
        (changed, f"0001/{VOTE}.json was changed"),
        (lambda folder: (folder / "0001" / f"{VOTE}.json").unlink(), f"0001/{VOTE}.json is missing"),
        (lambda folder: (folder / "0001" / "a.b.v1.json").write_text("{}"), "a.b.v1.json is not listed"),
        (lambda folder: (folder / SUMS).unlink(), f"0001/{VOTE}.json is not listed"),
        (gap, "gap"),
    ],
    ids=["empty", "changed", "missing", "unlisted", "no list", "gap"],
)
def test_what_happens_to_a_released_file_is_noticed(harm: Any, words: str, releases: Releases) -> None:
    harm(releases.folder)

    problems = releases.problems()

    assert any(words in one.en for one in problems)
    assert not check(releases, today()).passed


def test_no_commit_has_changed_or_removed_a_released_file() -> None:
    """Whoever removes a file together with its line in the list is seen here."""
    done = subprocess.run(
        ["git", "log", "--format=", "--name-status", "--diff-filter=a", "--", "contracts/released/[0-9]*/*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split("\n") == [""]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("matching.report_done.v1 minutes", "matching.report_done.v1 note", "nothing changes x-at-the-door"),
        ('{"maximum": 44640}', '{"maximum": 44641}', "nothing changes x-at-the-door"),
        ('kind = "door_narrower"', 'kind = "said_only_now"', "nothing changes x-at-the-door"),
    ],
)
def test_an_entry_accepts_its_place_value_and_kind_alone(
    before: str, after: str, words: str, releases: Releases
) -> None:
    file = releases.folder / ACCEPTED
    file.write_text(file.read_text().replace(before, after))

    found = check(releases, today())

    assert any(words in one.en for one in found.problems)
    assert (DONE, "minutes", "x-at-the-door") in [one[:3] for one in found.violations]


def test_without_the_list_every_change_since_the_first_version_is_refused(releases: Releases) -> None:
    (releases.folder / ACCEPTED).unlink()

    found = refused(releases, today())

    assert {(one.keyword, one.of) for one in found} == {("default", "log"), ("x-at-the-door", "door")}


@pytest.mark.parametrize("kind", ["door_narrower", "said_only_now"])
def test_a_narrower_log_cannot_be_accepted(kind: str, releases: Releases) -> None:
    with (releases.folder / ACCEPTED).open("a") as file:
        file.write(
            f'[[accepted]]\nkind = "{kind}"\nkeyword = "maximum"\ntoday = "100"\nreason = "x"\n'
            f'places = ["{DONE} minutes"]\n'
        )

    found = check(releases, with_edits(DONE, {(*MINUTES, "maximum"): 100}))

    assert (DONE, "minutes", "maximum") in [one[:3] for one in found.violations]


def test_an_entry_without_a_reason_or_of_another_kind_is_an_error(tmp_path: Path) -> None:
    entry = '[[accepted]]\nkind = "{}"\nkeyword = "default"\ntoday = "1"\nreason = "{}"\nplaces = ["a b"]\n'
    for kind, reason in (("said_only_now", " "), ("log_narrower", "x")):
        (tmp_path / ACCEPTED).write_text(entry.format(kind, reason))
        with pytest.raises(ValueError, match=r"accepted\.toml"):
            accepted(tmp_path / ACCEPTED)


@pytest.fixture
def run(releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command, on the copy of the folder; other generated files are not looked at."""
    monkeypatch.setattr(command, "Releases", lambda: releases)
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "files", dict)
    monkeypatch.setattr(command, "schemas_of_today", today)
    return lambda *arguments: command.main([*arguments])


def test_a_release_holds_what_has_changed_and_a_second_one_has_nothing_to_add(
    run: Any, releases: Releases, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (releases.folder / SUMS).read_text()

    assert run("--release") == 0

    added = {path.stem for path in (releases.folder / "0002").iterdir()}
    assert {"log.ask_health.v1", DONE, OFFER} <= added
    assert "directory.define_place.v1" not in added  # where only a description differs
    assert (releases.folder / SUMS).read_text().startswith(first)
    assert run("--check") == 0
    capsys.readouterr()
    assert run("--release") == 1
    assert "nothing to add" in capsys.readouterr().err
    assert releases.versions == ["0001", "0002"]


def test_a_change_that_is_refused_is_printed_and_never_released(
    run: Any, releases: Releases, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    schemas = with_edits(VOTE, {("properties", "channel", "maxLength"): 65})
    monkeypatch.setattr(command, "schemas_of_today", lambda: schemas)

    assert run("--check") == 1
    text = capsys.readouterr().err
    assert f"{VOTE}  channel  maxLength  [log]\n  released (0001): 64  today: 65\n" in text
    assert "add a new optional field" in text
    assert "另立新的类型" in text
    assert run("--release") == 1
    assert releases.versions == ["0001"]
    capsys.readouterr()
    assert run("--check", "--json") == 1
    (one,) = json.loads(capsys.readouterr().out)["violations"]
    assert {key: one[key] for key in ("type", "path", "keyword", "of", "released", "today", "since")} == {
        "type": VOTE,
        "path": "channel",
        "keyword": "maxLength",
        "of": "log",
        "released": 64,
        "today": 65,
        "since": "0001",
    }
