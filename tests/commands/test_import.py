"""`microgov import`: rows that are new, already there, different or refused, and why."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import CommandLine, CommandOutput
from tests.commands.test_send_and_show import write as write_messages
from tests.support.made_up_registers import (
    COMMUNITIES,
    ENTERPRISES,
    OFFERS,
    ORGANISATIONS,
    PROVIDERS,
    generate,
    write,
)

ORGS = "名称,类别,状态,服务领域,服务地点,代表\n"
HEADS = "id,name,status,stage,places,enterprises,representatives\n"


def sheet(folder: Path, text: str, name: str = "sheet.csv") -> str:
    file = folder / name
    file.write_text(text, "utf-8-sig")
    return str(file)


def report_of(said: CommandOutput) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The refused or differing rows, and the counts, of `import --json`."""
    *problems, report = [json.loads(one) for one in said.out.splitlines()]
    return problems, report


def problems_of(found: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    """Line of the sheet, field and error code of each refused row."""
    return [(one["line"], one["field"], one["code"]) for one in found]


async def test_rows_are_new_then_there_and_a_changed_one_is_named(line: CommandLine, tmp_path: Path) -> None:
    rows = f"一社,社会组织,备案,care;repair,{line.tenant},rep-1\n二社,团队,登记,care,{line.tenant},rep-2、rep-3\n"
    file = sheet(tmp_path, ORGS + rows)

    first, again = (
        await line("import", "organisations", file),
        await line("import", "organisations", file, "--json"),
    )
    sheet(tmp_path, ORGS + rows.replace("care;repair", "repair").replace("登记", "备案"))
    changed = await line("import", "organisations", file, "--lang", "en")
    listed = json.loads((await line("list", "organisations", "--json")).out)["organisations"]

    assert first.code == 0, first.out + first.err
    assert "2 new, 0 already there" in first.out, first.out + first.err
    assert "新增 2" in first.out, first.out + first.err
    assert report_of(again) == ([], {"new": 0, "there": 2, "differs": 0, "refused": 0, "rows": 2})
    assert again.code == 0
    assert changed.code == 1
    assert "Line 2, domains (differs)" in changed.out
    assert "Line 3, status (differs)" in changed.out
    assert sorted((one["name"], one["kind"], one["status"], one["domains"]) for one in listed) == [
        ("一社", "organisation", "filed", ["care", "repair"]),
        ("二社", "team", "registered", ["care"]),
    ]


async def test_refused_rows_are_named_by_line_column_and_rule_and_the_rest_goes_in(
    line: CommandLine, tmp_path: Path
) -> None:
    t = line.tenant
    rows = (
        f"good,好社,filed,,{t},,rep-1\nbad-stage,x,filed,asleep,{t},,rep-1\nbad-place,x,filed,,nowhere,,rep-1\n"
        f"no-rep,x,filed,,{t},,\nBAD ID,x,filed,,{t},,rep-1\nserves,x,filed,,{t},nobody,rep-1\n"
        f'"many","a\nb",filed,,{t},,rep-1\nlast,末社,filed,,{t},good,rep-1\ngood,好社,filed,,{t},,rep-1\n'
    )
    file = sheet(tmp_path, HEADS + rows)

    problems, report = report_of(await line("import", "organisations", file, "--json"))
    words = await line("import", "organisations", file, "--lang", "zh")

    assert problems_of(sorted(problems, key=lambda one: one["line"])) == [
        (3, "stage", "unknown_value"),
        (4, "places", "unknown_place"),
        (5, "representatives", "too_few"),
        (6, "id", "bad_format"),
        (7, "enterprises", "not_found"),
        (8, "name", "bad_format"),
    ]
    assert all(
        one["message"]["zh"] and one["message"]["en"] and one["result"] == "refused" for one in problems
    )
    assert report == {"new": 2, "there": 1, "differs": 0, "refused": 6, "rows": 9}
    assert words.code == 1
    assert "新增 0，已存在 3" in words.out
    assert "第 4 行，服务地点（unknown_place）：没有编号为 nowhere 的地点" in words.out
    sheet(tmp_path, HEADS + f"bad-place,x,filed,,{t},,rep-1\n")
    assert report_of(await line("import", "organisations", file, "--json"))[1]["new"] == 1


async def register_community(line: CommandLine, tmp_path: Path) -> None:
    """Sets up a community, two people who may serve there, and an organisation with a representative."""
    wanted = ("community-01", "rep-001", "per-0001", "per-0002")
    deployment = [one for one in generate(7, line.tenant).deployment if one["subject"] in wanted]
    for one in deployment:
        if one["type"] == "directory.register_person.v1":
            one["data"]["place"] = "community-01"
    sent = await line("send", write_messages(tmp_path, *deployment))
    assert sent.code == 0, sent.out
    await line(
        "import", "organisations", sheet(tmp_path, HEADS + "org-001,社,filed,,community-01,,rep-001\n")
    )


async def test_providers_with_their_parts(line: CommandLine, tmp_path: Path) -> None:
    await register_community(line, tmp_path)
    heads = "人员,组织,身份,语言,资质,可服务时间,回避对象\n"
    cuts = "per-0001,org-001,志愿者,wenzhou,核验:health=2027-01-31;skill:cut,周六 09:00-12:00,per-0002\n"
    people = sheet(
        tmp_path, f"{heads}{cuts}per-0002,,volunteer,,health,,\nper-0002,,volunteer,,,9 1:00-2:00,\n"
    )

    problems, report = report_of(await line("import", "providers", people, "--json"))
    shown = json.loads((await line("show", "provider", "per-0001", "--json")).out)

    assert problems_of(problems) == [(3, "qualifications", "bad_format"), (4, "availability", "bad_format")]
    assert report["new"] == 1
    assert shown["weekly"] == [{"weekday": 6, "from_minute": 540, "to_minute": 720}]
    assert shown["availability"] == "weekly"
    assert shown["conflicts"] == ["per-0002"]
    proven = [(one["qualification"]["name"], one.get("valid_until")) for one in shown["qualifications"]]
    assert proven == [("health", "2027-01-31"), ("cut", None)]

    three = "check:health=2027-01-31;skill:cut;check:record"
    added = sheet(tmp_path, f"{heads}per-0001,org-001,志愿者,wenzhou,{three},6 9:00-12:00,per-0002\n")
    counts = {"new": 1, "there": 0, "differs": 0, "refused": 0, "rows": 1}
    assert report_of(await line("import", "providers", added, "--json"))[1] == counts


async def test_offers_with_their_parts(line: CommandLine, tmp_path: Path) -> None:
    await register_community(line, tmp_path)
    fair = "id,organisation,title,module,place,requires,representative,slot,starts,ends,capacity\n" + "".join(
        f"fair,org-001,理发,{{}},community-01,check:health,rep-001,s{n},2026-04-04T0{n}:00:00+08:00,"
        f"2026-04-04T0{n}:30:00+08:00,2\n"
        for n in range(1, 4)
    )
    convenience = fair.format(*["convenience"] * 3)
    offers = sheet(tmp_path, convenience, "offers.csv")

    opened = await line("import", "offers", offers, "--json")
    again = await line("import", "offers", offers, "--json")
    more = sheet(tmp_path, convenience.replace(",2\n", ",3\n"), "offers.csv")
    changed = report_of(await line("import", "offers", more, "--json"))[0]
    dancing = sheet(tmp_path, fair.replace("fair,", "x,").format(*["dance"] * 3))
    unknown = report_of(await line("import", "offers", dancing, "--json"))
    offer = json.loads((await line("show", "offer", "fair", "--json")).out)

    assert (report_of(opened)[1]["new"], report_of(again)[1]["there"], changed[0]["field"]) == (
        1,
        1,
        "capacity",
    )
    assert problems_of(unknown[0]) == [(2, "module", "unknown_module")]
    assert (len(offer["slots"]), offer["state"]) == (3, "submitted")
    assert offer["requires"] == [{"kind": "check", "name": "health"}]


async def test_a_file_that_is_no_such_sheet_is_reported_in_one_sentence(
    line: CommandLine, tmp_path: Path
) -> None:
    said = {
        what: await line("import", "organisations", sheet(tmp_path, text))
        for what, text in {
            "unknown": "name,colour\n",
            "missing": "name,status\n",
            "twice": "name,名称\n",
        }.items()
    }
    gbk = tmp_path / "gbk.csv"
    gbk.write_bytes("名称,状态\n".encode("gbk"))
    other, none = (
        await line("import", "organisations", str(gbk)),
        await line("import", "organisations", "nowhere.csv"),
    )

    assert {what: one.code for what, one in said.items()} == {"unknown": 2, "missing": 2, "twice": 2}
    assert "There is no column colour" in said["unknown"].err
    assert "column places (服务地点) is missing" in said["missing"].err
    assert "is there twice" in said["twice"].err
    assert "not UTF-8" in other.err
    assert none.code == 2


@pytest.mark.rig
async def test_the_whole_register_is_imported_once_however_often(line: CommandLine, tmp_path: Path) -> None:
    """538 organisations in 40 communities, 70 enterprises, providers and offers."""
    sheets = generate(7, line.tenant)
    write(tmp_path, sheets)
    assert (COMMUNITIES, ORGANISATIONS, ENTERPRISES) == (40, 538, 70)
    assert sheets == generate(7, line.tenant)
    sent = await line("send", str(tmp_path / "house.ndjson"))
    assert sent.code == 0, sent.out

    for kind, count in (
        ("organisations", ORGANISATIONS + ENTERPRISES),
        ("providers", PROVIDERS),
        ("offers", OFFERS),
    ):
        file, rows = str(tmp_path / f"{kind}.csv"), len(getattr(sheets, kind))
        first, again = [await line("import", kind, file, "--json") for _ in range(2)]
        assert report_of(first) == ([], {"new": count, "there": 0, "differs": 0, "refused": 0, "rows": rows})
        assert report_of(again) == ([], {"new": 0, "there": count, "differs": 0, "refused": 0, "rows": rows})

    listed = json.loads((await line("list", "organisations", "--most", "1000", "--json")).out)[
        "organisations"
    ]
    kinds = [one["kind"] for one in listed]
    assert (len(kinds), kinds.count("enterprise")) == (ORGANISATIONS + ENTERPRISES, ENTERPRISES)
    assert len({place for one in listed for place in one["places"]}) == COMMUNITIES
    checked = await line("check", "--json")
    assert json.loads(checked.out)["ok"] is True
