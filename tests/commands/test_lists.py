"""Lists of issues and files, due dates and rates at the command line."""

import csv
import json
import sqlite3
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from microgov.stories.round_visits import FILE_TEXT
from tests.commands.conftest import CommandLine
from tests.commands.test_send_and_show import message, write

SPAN = ("--from", "2026-03-01T00:00:00+08:00", "--to", "2027-03-01T00:00:00+08:00")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def issue(id: str, place: str, title: str = "t") -> dict[str, Any]:
    return message(
        f"i-{id}", "issues.submit_issue.v1", id, "office", title=title, text="x", place=place, channel="phone"
    )


async def test_issues_are_listed_page_by_page_as_json_csv_and_words(
    line: CommandLine, tmp_path: Path
) -> None:
    titles = {"v-1": "=1+1", "v-2": '路灯, "三号楼"', "v-3": "[red]x"}
    sent = await line(
        "send", write(tmp_path, *(issue(id, line.tenant, title) for id, title in titles.items()))
    )
    assert sent.code == 0, sent.err

    first = await line("list", "issues", "--most", "2", "--json")
    rest = await line(
        "list", "issues", "--after", "v-2", "--state", "accepted", "--community", line.tenant, "--json"
    )
    sheet = await line("list", "issues", "--csv")
    words = await line("list", "issues", "--most", "2", "--lang", "en")
    marked = await line("list", "issues", "--after", "v-2", "--lang", "zh")
    wrong, nowhere = (
        await line("list", "issues", "--state", "finished"),
        await line("list", "issues", "--community", "x"),
    )

    page = json.loads(first.out)
    assert ([one["issue"] for one in page["issues"]], page["next"]) == (["v-1", "v-2"], "v-2")
    assert [one["issue"] for one in json.loads(rest.out)["issues"]] == ["v-3"]
    assert "next" not in json.loads(rest.out)
    rows = table(sheet.out)
    assert [(row["issue"], row["state"], row["due_at"]) for row in rows] == [
        (id, "accepted", "") for id in titles
    ]
    assert [row["title"] for row in rows] == ["'=1+1", titles["v-2"], "[red]x"]
    assert "v-2" in words.out
    assert f"2 issues in {line.tenant}. More: --after v-2" in words.out
    assert "v-3" not in words.out
    assert "[red]x" in marked.out
    assert "共 1 件" in marked.out
    assert nowhere.code == 1
    assert "没有编号为 x 的地点" in nowhere.err
    assert wrong.code == 1
    assert "submitted" in wrong.err
    assert "没有状态 finished" in wrong.err


async def test_what_is_due_counts_from_the_tenants_own_time(line: CommandLine, tmp_path: Path) -> None:
    branch = message("r-1", "directory.grant_role.v1", "office", "office", role="branch", place=line.tenant)
    await line("send", write(tmp_path, branch))
    review = message(
        "s-1", "issues.suspend_issue.v1", "v-1", "office", reason="x", review_at="2026-03-11T00:00:00Z"
    )
    sent = await line(
        "send", write(tmp_path, issue("v-1", line.tenant) | {"role": "office"}, review | {"role": "branch"})
    )
    assert sent.code == 0, sent.err + sent.out

    early = await line("due", "--json")
    await line("clock", "advance", "--by", "3d")
    shown = await line("due", "--community", line.tenant, "--json")
    sheet, words = await line("due", "--within", "1w", "--csv"), await line("due", "--lang", "zh")
    wrong = await line("due", "--community", "nowhere")

    assert (json.loads(early.out)["due"], json.loads(early.out)["until"]) == ([], "2026-03-09T00:00:00Z")
    found = json.loads(shown.out)
    due = [(one["kind"], one["issue"], one["due_at"], one["overdue"]) for one in found["due"]]
    assert due == [("review", "v-1", "2026-03-11T00:00:00Z", False)]
    assert [(row["entity"], row["state"]) for row in table(sheet.out)] == [("v-1", "on_hold")]
    assert "2026-03-11 08:00" in words.out
    assert "2026-03-12 08:00 (UTC+08:00) 之前到期 1 项" in words.out
    assert wrong.code == 1
    assert "nowhere" in wrong.err


async def test_rates_and_a_topic_after_a_story_and_the_log_gives_the_same(
    line: CommandLine, tmp_path: Path
) -> None:
    played = await line("demo", "reopened", "--prefix", "r")
    assert played.code == 0, played.err

    counted, from_log = (
        await line("rates", *SPAN, "--json"),
        await line("rates", *SPAN, "--from-log", "--json"),
    )
    sheet, words = await line("rates", *SPAN, "--csv"), await line("rates", *SPAN, "--lang", "zh")
    wrong = await line("rates", "--from", SPAN[3], "--to", SPAN[1])
    listed = json.loads((await line("show", "issue", "r-patch", "--json")).out)["topics"]
    topic = await line("show", "topic", listed[0]["topic"], "--json")

    rates = json.loads(counted.out)
    assert json.loads(from_log.out) == rates
    assert datetime.fromisoformat(rates["from_"]) == datetime.fromisoformat(SPAN[1])
    by_name = {one["rate"]: one for one in rates["rates"]}
    assert by_name["reopened"]["numerator"] > 0
    assert by_name["solved"]["denominator"] > by_name["solved"]["numerator"]
    for row in table(sheet.out):
        assert int(row["denominator"]) == by_name[row["rate"]]["denominator"]
        assert int(row["no_answer"]) == sum(one["count"] for one in by_name[row["rate"]]["excluded"])
    assert "重办率" in words.out
    assert "%" in words.out
    assert wrong.code == 1
    assert "from must be before to" in wrong.err
    assert "from 必须早于" in wrong.err
    assert json.loads(topic.out)["ballots"][0]["tally"]
    assert json.loads(topic.out)["sessions"]

    with sqlite3.connect(tmp_path / "issues" / f"{line.tenant}.sqlite") as c:
        c.execute("DELETE FROM rate_round")
    lost, whole = await line("rates", *SPAN, "--json"), await line("rates", *SPAN, "--from-log", "--json")
    assert json.loads(whole.out) == rates != json.loads(lost.out)


@pytest.mark.rig
async def test_a_round_of_visits_at_the_command_line(line: CommandLine) -> None:
    played = await line("demo", "round", "--prefix", "r")
    assert played.code == 0, played.err

    shown, words = (
        await line("show", "visit-round", "r-march", "--json"),
        await line("show", "visit-round", "r-march"),
    )
    listed = json.loads((await line("list", "visits", "--round", "r-march", "--json")).out)["visits"]
    refused = table((await line("list", "visits", "--state", "attempted", "--csv")).out)
    page = await line("list", "visits", "--most", "3", "--lang", "en")
    wang = next(one["visit"] for one in listed if one["contact"] == "r-h1")
    visit = json.loads((await line("show", "visit", wang, "--json")).out)
    counted, from_log = (
        await line("rates", *SPAN, "--json"),
        await line("rates", *SPAN, "--from-log", "--json"),
    )
    sheet, rates = await line("rates", *SPAN, "--csv"), await line("rates", *SPAN, "--lang", "zh")

    assert {
        name: json.loads(shown.out)[name] for name in ("contacts", "made", "refused", "no_answer", "closed")
    } == {"contacts": 4, "made": 3, "refused": 1, "no_answer": 0, "closed": 3}
    assert "三月走亲" in words.out
    assert len(listed) == 4
    assert f"3 visits in {line.tenant}. More: --after" in page.out
    assert [(row["contact"], row["result"], row["refusals"]) for row in refused] == [("r-h3", "refused", "1")]
    lines = [(one["kind"], one["state"], one["outcome"]) for one in visit["lines"]]
    assert lines == [("problem", "closed", "resolved"), ("service", "closed", "fulfilled")]
    assert visit["state"] == "closed"
    assert json.loads(counted.out) == json.loads(from_log.out)
    (row,) = [row for row in table(sheet.out) if row["rate"] == "visit_coverage"]
    assert (row["numerator"], row["denominator"], row["refused"], row["unreachable"]) == ("3", "4", "1", "0")
    assert "走亲覆盖率" in rates.out
    assert "75.0 %" in rates.out


@pytest.mark.rig
async def test_a_household_file_at_the_command_line(line: CommandLine) -> None:
    played = await line("demo", "round", "--prefix", "r")
    assert played.code == 0, played.err
    file, by = ("household", "read", "r-h5"), ("--by", "r-fed")
    keep = ("household", "keep", "r-h5", *by, "--consented-by", "r-liu", "--entry")

    shown, words = await line(*file, *by, "--why", "care", "--json"), await line(*file, *by, "--why", "visit")
    kept, never = await line(*keep, "needs=老花镜", "--json"), await line(*keep, "religion=x")
    stranger = await line(*file, "--by", "r-social", "--why", "care")
    bad, why = await line(*keep, "x"), await line(*file, *by)
    erased = await line("household", "erase", "r-h5", *by, "--why", "withdrawn_consent")
    gone = await line(*file, *by, "--why", "care")
    for _ in range(100):  # the edge reports it to the log a moment later
        log = await line("tail", "--entity", "r-h5", "--json")
        if "household_file_erased" in log.out:
            break

    assert json.loads(shown.out)["entries"] == [{"name": "care", "text": FILE_TEXT}]
    assert FILE_TEXT in words.out
    assert json.loads(kept.out)["entries"] == [{"name": "needs", "text": "老花镜"}]
    assert erased.code == 0
    assert never.code == 1
    assert "never holds" in never.err
    assert stranger.code == 1
    assert "has not visited" in stranger.err
    assert (bad.code, why.code, gone.code) == (2, 2, 1)
    types = [json.loads(entry)["event"]["type"] for entry in log.out.splitlines()]
    uses = [kind.split(".")[1].removeprefix("household_file_") for kind in types if "household_file" in kind]
    assert uses == ["kept", "read", "read", "kept", "erased"]
    assert FILE_TEXT not in log.out
    assert "老花镜" not in log.out
