"""`microgov plan`: its suggestions with their reasons, and its messages where it has none."""

import json
from pathlib import Path
from typing import Any

from tests.commands.conftest import CommandLine
from tests.commands.test_send_and_show import message, write

PEOPLE = {"rep": "organisation", "branch": "branch", "a": "resident", "b": "resident"}
"""Who lives in the community, and the role of each."""
SLOT = {
    "slot": "am",
    "starts": "2026-04-01T01:00:00Z",
    "ends": "2026-04-01T03:00:00Z",
    "place": "south",
    "capacity": 1,
}


def town(tenant: str) -> list[dict[str, Any]]:
    """Commands that set up a community: its people, an organisation with an offer of one place, two orders for it."""
    place = {"kind": "community", "name": "南区", "parent": tenant}
    return [
        message("d-1", "directory.define_place.v1", "south", "office") | {"data": place},
        *(
            message(
                f"p-{who}", "directory.register_person.v1", who, "office", household=f"h-{who}", place="south"
            )
            for who in PEOPLE
        ),
        *(
            message(f"r-{who}", "directory.grant_role.v1", who, "office", role=role, place="south")
            for who, role in PEOPLE.items()
        ),
        *offer_of_one_place(),
        *(ordering for who in ("a", "b") for ordering in screened_order(who)),
    ]


def offer_of_one_place() -> list[dict[str, Any]]:
    filing = {
        "name": "互助社",
        "status": "filed",
        "domains": [],
        "places": ["south"],
        "representatives": ["rep"],
    }
    offering = {
        "organisation": "org-1",
        "title": "修水管",
        "module": "repair",
        "place": "south",
        "slots": [SLOT],
    }
    return [
        message("o-1", "matching.file_organisation.v1", "org-1", "branch", **filing),
        message("o-2", "matching.submit_offer.v1", "offer-1", "rep", **offering),
        message("o-3", "matching.publish_offer.v1", "offer-1", "branch"),
    ]


def screened_order(who: str) -> list[dict[str, Any]]:
    placing = {"offer": "offer-1", "slot": "am", "text": "漏水", "channel": "app"}
    screening = {"accepted": True, "reason": "x"}
    return [
        message(f"q-{who}", "matching.place_order.v1", f"order-{who}", who, **placing),
        message(f"s-{who}", "matching.screen_order.v1", f"order-{who}", "branch", **screening),
    ]


async def plan_as_json(line: CommandLine, *options: str) -> Any:
    return json.loads((await line("plan", *options, "--json")).out)


async def test_a_plan_is_a_table_that_can_be_defended_and_json_that_can_be_assigned_by(
    line: CommandLine, tmp_path: Path
) -> None:
    sent = await line("send", write(tmp_path, *town(line.tenant)))
    assert sent.code == 0, sent.err + sent.out
    south = ("--community", "south")

    found = await plan_as_json(line, *south)
    words, chinese = await line("plan", *south, "--lang", "en"), await line("plan", *south)
    optimal = await plan_as_json(line, "--community", line.tenant, "--engine", "optimal")
    sheet = (await line("plan", *south, "--csv")).out.splitlines()
    paged = await plan_as_json(line, *south, "--most", "1")
    monday = tmp_path / "monday.json"
    monday.write_text(json.dumps(found))
    kept = (await plan_as_json(line, *south, "--so-far", str(monday)))["suggestions"]

    (suggestion,) = found["suggestions"]
    assert (suggestion["order"], suggestion["provider"], suggestion["cost"]) == ("order-a", "org-1", 1500)
    assert [each["rule"] for each in found["unplaced"]] == ["slot_full"]
    assert optimal["suggestions"] == found["suggestions"]
    assert sheet[1:] == ["order-a,org-1,org-1,offer-1,am,1500,,"]
    assert paged["next"] == "order-a"
    assert paged["unplaced"] == []
    for part in ("offer-1/am", "1500", "walk (no pin,", "+1000", "nobody named", "+500"):
        assert part in words.out
    assert "Its slot has no free place." in words.out
    assert "1 of 2 orders have a suggestion (greedy)" in words.out
    assert "该时段已无名额" in chinese.out
    assert "下单由党支部决定" in chinese.out
    assert [(again["provider"], again["cost"]) for again in kept] == [("org-1", 1200)], (
        "it is in the plan: 300 m nearer"
    )
    await only_a_fresh_suggestion_can_be_assigned(line, tmp_path, suggestion)
    assert (await plan_as_json(line, *south))["suggestions"] == []


async def only_a_fresh_suggestion_can_be_assigned(
    line: CommandLine, tmp_path: Path, suggestion: dict[str, Any]
) -> None:
    """`suggested_from` names the versions that the plan was made from; an older version of the offer is refused."""
    choice = {name: suggestion[name] for name in ("organisation", "offer", "slot", "suggested_from")}
    stale = {**choice, "suggested_from": {**suggestion["suggested_from"], "offer": 1}}
    for id, values in (("a-1", stale), ("a-2", choice)):
        how = {**values, "reason": "就近", "followed_suggestion": True}
        assigning = message(id, "matching.assign_order.v1", "order-a", "branch", **how)
        said = await line("send", write(tmp_path, assigning), "--json")
        assert (said.code == 0) == (values is choice), said.out
        assert values is choice or "suggestion_stale" in said.out + said.err


async def test_plans_that_cannot_be_made_are_explained(line: CommandLine, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"suggestions": [{"order": "x"}]}')
    nowhere = await line("plan", "--community", "x")
    engine = await line("plan", "--community", "x", "--engine", "best")
    nothing = await line("plan", "--community", line.tenant, "--lang", "en")

    for path in (other, tmp_path / "missing.json"):
        wrong = await line("plan", "--community", line.tenant, "--so-far", str(path))
        assert wrong.code == 2
        assert str(path) in wrong.err
        assert "plan --json" in wrong.err
    assert nowhere.code == 1
    assert "There is no place x" in nowhere.err
    assert engine.code == 2
    assert "greedy or optimal" in engine.err
    assert nothing.code == 0
    assert "0 of 0 orders" in nothing.out


async def test_care_teams_are_proposed_of_households_in_none(line: CommandLine, tmp_path: Path) -> None:
    roles = {"rep": "party_member", "branch": "dasao", "a": "landlord"}
    granting = [
        message(f"t-{who}", "directory.grant_role.v1", who, "office", role=role, place="south")
        for who, role in roles.items()
    ]
    sent = await line("send", write(tmp_path, *town(line.tenant)[:5], *granting))
    assert sent.code == 0, sent.err + sent.out

    found = await plan_as_json(line, "--community", "south", "--teams")
    words = await line("plan", "--community", "south", "--teams", "--lang", "en")
    chinese = await line("plan", "--community", "south", "--teams")
    sheet = (await line("plan", "--community", "south", "--teams", "--csv")).out.splitlines()

    (one,) = found["teams"]
    assert [home["household"] for home in one["households"]] == ["h-b"]
    assert one["landlord"] == "a"
    assert sheet == ["party_member,dasao,landlord,households", "rep,branch,a,h-b b"]
    assert "h-b (b)" in words.out, words.err
    assert "1 teams for 1 of 1 households" in words.out, words.err
    assert "landlord +700" in " ".join(words.out.split())
    assert "建议 1 组" in chinese.out
