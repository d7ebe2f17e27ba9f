"""Lists of offers, orders, providers and organisations at the command line, after the story of the order."""

import csv
import json
from io import StringIO

import pytest

from tests.commands.conftest import CommandLine


async def test_organisations_offers_orders_and_the_waiting_list(line: CommandLine) -> None:
    played = await line("demo", "order", "--prefix", "o")
    assert played.code == 0, played.err

    organisations = json.loads((await line("list", "organisations", "--community", "o-yuan", "--json")).out)
    offers = await line("list", "offers", "--state", "published", "--csv")
    orders = await line("list", "orders", "--organisation", "o-society", "--lang", "en")
    page = json.loads((await line("list", "orders", "--most", "2", "--json")).out)
    none, waiting = (
        await line("list", "providers", "--lang", "zh"),
        await line("waitlist", "o-offer", "--lang", "en"),
    )
    sheet, asleep = (
        await line("waitlist", "o-offer", "morning", "--csv"),
        await line("list", "offers", "--state", "asleep"),
    )
    offer = json.loads((await line("show", "offer", "o-offer", "--json")).out)
    society, nobody = await line("show", "organisation", "o-society"), await line("show", "provider", "o-he")

    assert [one["name"] for one in organisations["organisations"]] == ["东湖邻里互助社"]
    (row,) = csv.DictReader(StringIO(offers.out))
    assert (row["offer"], row["capacity"], row["taken"], row["full"]) == ("o-offer", "2", "2", "True")
    assert "o-order-zhang" in orders.out
    assert f"2 orders in {line.tenant}." in orders.out
    assert [one["order"] for one in page["orders"]] == ["o-order-liu", "o-order-wang"]
    assert page["next"] == "o-order-wang"
    assert "共 0 件" in none.out
    assert "0 on the waiting list" in waiting.out
    assert sheet.out.splitlines() == ["slot,number,order,beneficiary,promoted"]
    assert (asleep.code, "没有状态 asleep" in asleep.err, nobody.code) == (1, True, 1)
    assert (offer["slots"][0]["taken"], offer["full"]) == (2, True)
    assert "东湖邻里互助社" in society.out


@pytest.mark.rig
async def test_care_teams_after_their_story(line: CommandLine) -> None:
    played = await line("demo", "careteam", "--prefix", "c")
    assert played.code == 0, played.err

    teams = json.loads((await line("list", "care-teams", "--state", "active", "--json")).out)["teams"]
    shown = await line("show", "care-team", "c-team", "--json")
    none = await line("list", "care-teams", "--community", "c-south")
    asleep = await line("list", "care-teams", "--state", "x")

    assert [one["team"] for one in teams] == ["c-team"]
    assert json.loads(shown.out)["landlord"] == "c-ding"
    assert "地点" in none.err
    assert "没有状态 x" in asleep.err
    assert (none.code, asleep.code) == (1, 1)
