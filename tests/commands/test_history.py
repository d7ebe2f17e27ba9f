"""The history in `show issue`: events in order, page by page, without the parties to a mediation."""

import json
from typing import Any

import pytest

from tests.commands.conftest import CommandLine


def kinds(shown: dict[str, Any]) -> list[str]:
    return [one["event"]["type"].split(".")[1] for one in shown["history"]]


async def test_an_issue_is_shown_with_its_history_page_by_page(line: CommandLine) -> None:
    played = await line("demo", "quarrel", "--prefix", "q", "--lang", "en")
    assert played.code == 0, played.err

    async def page(*more: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads((await line("show", "issue", "q-parking", "--json", *more)).out)
        return shown

    whole = await page()
    first = await page("--most", "5")
    rest = await page("--from", str(first["history_next"]))
    words = (await line("show", "issue", "q-parking", "--lang", "en")).out
    more = (await line("show", "issue", "q-parking", "--lang", "en", "--most", "1")).out

    assert kinds(whole)[:2] == ["issue_submitted", "issue_accepted"]
    assert kinds(whole)[-1] == "issue_closed"
    assert {"ballot_opened", "ballot_closed", "minutes_confirmed", "mediation_settled"} < set(kinds(whole))
    assert "vote_cast" not in kinds(whole)
    assert whole["history_next"] is None
    assert len(first["history"]) == 5
    assert first["history"] + rest["history"] == whole["history"]
    assert [one["seq"] for one in whole["history"]] == sorted({one["seq"] for one in whole["history"]})
    assert "q-branch (party branch): the issue q-parking is accepted" in words
    assert "--from" in more
    assert_veiled(whole, words)


def assert_veiled(whole: dict[str, Any], words: str) -> None:
    """The parties are named in their other events, and not where they consent to a mediation."""
    mediated = [
        one["event"] for one in whole["history"] if one["event"]["type"].startswith("issues.mediation_")
    ]
    parties = {"q-li", "q-zhao"}
    assert len(mediated) > 5
    assert not parties & {one["authid"] for one in mediated}
    assert not any(party in text for text in words.splitlines() if "mediation" in text for party in parties)


@pytest.mark.rig
async def test_a_ballot_is_shown_and_a_missing_one_is_reported(line: CommandLine) -> None:
    await line("demo", "vegetable-patch", "--prefix", "v", "--lang", "en")

    shown = json.loads((await line("show", "ballot", "v-ballot", "--json")).out)
    wrong = await line("show", "ballot", "nowhere")

    assert shown["state"] == "closed"
    assert shown["people"] > 2
    assert shown["secret"] is False
    assert wrong.code == 1
    assert "nowhere" in wrong.err
