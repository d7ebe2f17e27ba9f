"""Every story of issues is played through the gateway, on both databases, and ends with the right state."""

import json

import pytest
from sqlalchemy import func, select

from microgov.client import simulated_clock
from microgov.client.publisher import Client
from microgov.contracts import issues, matching
from microgov.services.chassis.recording.audit import walk
from microgov.services.issues.model import BallotKey
from microgov.stories.campaign import campaign
from microgov.stories.drain import drain
from microgov.stories.hotline import hotline
from microgov.stories.order import order
from microgov.stories.overhaul import overhaul
from microgov.stories.pipe import pipe
from microgov.stories.quarrel import SAID, quarrel
from microgov.stories.round import visiting_round
from microgov.stories.round_visits import FILE_TEXT
from microgov.stories.roundtable import roundtable
from microgov.stories.secret import secret
from microgov.stories.sheds import sheds
from microgov.stories.story import Step
from microgov.stories.vegetable_patch import vegetable_patch
from tests.journeys.conftest import RunningTenant, TenantPlace
from tests.journeys.story_checks import check_completeness, play
from tests.support.deployment import deployed


@pytest.mark.slow
async def test_the_vegetable_patch_and_the_order_end_as_they_should(running: RunningTenant) -> None:
    client, tenant = running.client, running.client.tenant

    printed = await play(client, vegetable_patch("v", await simulated_clock.now(client), tenant))
    printed += await play(client, order("o", await simulated_clock.now(client), tenant))

    assert "事事都议" in printed
    assert "Every matter is deliberated" in printed
    issue = issues.IssueShown.model_validate_json(
        json.dumps(await client.ask("issues", issues.ShowIssue(issue="v-patch")))
    )
    assert (issue.state, issue.outcome, issue.people, issue.records) == ("closed", "resolved", 3, 1)
    assert issue.told == issue.recipients == 4
    fence, flowers = issue.topics[0].options
    assert fence.tally
    assert flowers.tally
    assert (fence.tally.agree, flowers.tally.agree, fence.carried) == (3, 1, True)
    assert [(a.state, a.done, a.at_least, a.claimed_by) for a in issue.actions] == [
        ("verified", 6, True, "v-li")
    ]
    assert (issue.survey.answered, issue.survey.solved, issue.survey.satisfied) == (2, 2, 1)
    lamp = await client.ask("issues", issues.ShowIssue(issue="v-lamp"))
    assert (lamp["reporter"], lamp["recorded_by"], lamp["state"]) == ("v-liu", "v-social", "accepted")
    served, moved, gone = [
        await client.ask("matching", matching.ShowOrder(order=f"o-order-{who}"))
        for who in ("liu", "zhang", "wang")
    ]
    assert (served["state"], served["closing"], served["stars"], served["placed_by"]) == (
        "closed",
        "fulfilled",
        5,
        "o-social",
    )
    assert (moved["state"], gone["state"], moved["slot"]["taken"]) == ("staffing", "cancelled", 2)
    await check_completeness(running, rejected=2)


@pytest.mark.rig
async def test_the_later_stories_end_as_they_should(running: RunningTenant) -> None:
    client, tenant = running.client, running.client.tenant

    await play(client, drain("d", await simulated_clock.now(client), tenant))
    long = await client.ask("issues", issues.ShowIssue(issue="d-drain"))
    assert (long["state"], long["reporter"], long["level"], long["returns"]) == (
        "triaged",
        "d-zhang",
        "sub_district",
        3,
    )
    await play(client, pipe("e", await simulated_clock.now(client), tenant))
    burst = await client.ask("issues", issues.ShowIssue(issue="e-pipe"))
    assert (burst["state"], burst["owner"], burst["level"]) == ("closed", "e-water-crew", "sub_district")
    await play(client, quarrel("q", await simulated_clock.now(client), tenant))
    parking = await client.ask("issues", issues.ShowIssue(issue="q-parking"))
    assert (parking["state"], parking["outcome"], parking["records"]) == ("closed", "mediated", 1)
    log = await running.deployment.log()
    spoken = [json.loads(one.data)["type"] async for one in walk(log) if SAID.encode() in one.data]
    await log.close()
    commands = ("follow_up", "hold", "request", "settle")
    assert sorted(set(spoken)) == [f"issues.{command}_mediation.v1" for command in commands]
    await play(client, hotline("h", await simulated_clock.now(client), tenant))
    noise = await client.ask("issues", issues.ShowIssue(issue="h-noise"))
    assert (noise["state"], noise["reporter"], noise["channel"]) == ("closed", "h-hotline", "hotline")
    await check_completeness(running)


@pytest.mark.rig
async def test_the_stories_of_many_people_end_as_they_should(running: RunningTenant) -> None:
    client, tenant = running.client, running.client.tenant

    await play_secret_ballot(running)
    await play_visits(running)
    await play(client, sheds("s", await simulated_clock.now(client), tenant))
    built = issues.Achieved.model_validate_json(
        json.dumps(await client.ask("issues", issues.ShowAchieved(community=tenant)))
    )
    counted = {one.unit: (one.done, one.at_least, one.issues) for one in built.quantities}
    assert (counted["shed"], counted["place"]) == ((234, False, 3), (500, True, 3))
    one = issues.Achieved.model_validate_json(
        json.dumps(await client.ask("issues", issues.ShowAchieved(community="s-community2")))
    )
    assert [(q.unit, q.done, q.at_least) for q in one.quantities] == [
        ("place", 200, True),
        ("shed", 92, False),
    ]
    await play_council_and_round_table(client)
    await play(client, campaign("w", await simulated_clock.now(client), tenant))
    round = await client.ask("issues", issues.ShowVisitRound(round="w-whole"))
    assert (round["contacts"], round["made"], round["refused"], round["no_answer"]) == (120, 113, 3, 4)
    await check_completeness(running, rejected=1)


async def play_council_and_round_table(client: Client) -> None:
    """Plays a council with one vote per household, and a recurring round table."""
    await play(client, overhaul("k", await simulated_clock.now(client), client.tenant))
    topic = issues.WholeTopic.model_validate_json(
        json.dumps(await client.ask("issues", issues.ShowTopic(topic="k-topic")))
    )
    assert (topic.state, topic.proposer, topic.ballots[0].people) == ("evaluated", "k-zhang", 3)
    assert [(one.state, one.present, one.voting) for one in topic.sessions] == [
        ("inquorate", 3, 2),
        ("published", 6, 4),
    ]
    assert [(one.state, one.remains) for one in topic.disagreements] == [("settled", "管线的一半。")]
    await play(client, roundtable("t", await simulated_clock.now(client), client.tenant))
    table = await client.ask("issues", issues.ShowRoundTable(round_table="t-table"))
    assert (table["state"], len(table["sittings"]), table["raised"], table["settled"]) == ("stopped", 2, 1, 1)


async def play_secret_ballot(running: RunningTenant) -> None:
    """Plays a secret ballot: it ends like any other, and its private key is deleted."""
    client = running.client
    await play(client, secret("s", await simulated_clock.now(client), client.tenant))
    noise = issues.IssueShown.model_validate_json(
        json.dumps(await client.ask("issues", issues.ShowIssue(issue="s-noise")))
    )
    nine, door = noise.topics[0].options
    assert nine.tally
    assert door.tally
    assert (nine.tally.agree, door.tally.agree, nine.carried) == (3, 2, True)
    assert (noise.state, noise.topics[0].people, noise.topics[0].state) == ("closed", 5, "adopted")
    with running.deployment.tenancies["issues"].engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(BallotKey)).scalar_one() == 0


async def play_visits(running: RunningTenant) -> None:
    """Plays a round of visits: each line becomes an issue or an order, and no message has the text of the household file."""
    client = running.client
    await play(client, visiting_round("r", await simulated_clock.now(client), client.tenant))
    march = await client.ask("issues", issues.ShowVisitRound(round="r-march"))
    assert (march["contacts"], march["made"], march["refused"], march["closed"]) == (4, 3, 1, 3)
    lines = [
        line
        for one in (await client.ask("issues", issues.ListVisits(round="r-march")))["visits"]
        for line in (await client.ask("issues", issues.ShowVisit(visit=one["visit"])))["lines"]
    ]
    for line in lines:
        question = (
            issues.ShowIssue(issue=line["entity"])
            if line["kind"] == "problem"
            else matching.ShowOrder(order=line["entity"])
        )
        shown = await client.ask(question.OWNER, question)
        closing = "outcome" if line["kind"] == "problem" else "closing"
        assert (shown["state"], shown[closing]) == (line["state"], line["outcome"])
    assert sorted(line["outcome"] for line in lines) == ["fulfilled", "irrelevant", "resolved"]
    shown = await client.ask("issues", issues.ReadHouseholdFile(household="r-h5", by="r-fed", why="care"))
    assert shown["entries"] == [{"name": "care", "text": FILE_TEXT}]
    await client.settle()
    log = await running.deployment.log()
    messages = [one.data async for one in walk(log)]
    await log.close()
    assert [m for m in messages if FILE_TEXT.encode() in m] == []
    uses = [m["data"] for m in map(json.loads, messages) if m["type"].startswith("issues.household_file_")]
    assert uses == [{"by": "r-fed", "consented_by": "r-liu"}, {"by": "r-fed", "why": "care"}]


async def test_an_issue_is_closed_only_after_all_were_notified(place: TenantPlace) -> None:
    where = (place.nats_url, place.database, place.folder, place.tenant)
    async with deployed(*where) as deployment, Client(deployment.settings, place.tenant) as client:
        story = vegetable_patch("v", await simulated_clock.now(client), place.tenant)
        at = next(
            n
            for n, step in enumerate(story.steps)
            if isinstance(step, Step) and isinstance(step.message, issues.ReportResult)
        )
        story.steps = story.steps[:at]
        await play(client, story)

    async with (
        deployed(*where, only=("gateway", "issues")) as deployment,
        Client(deployment.settings, place.tenant) as client,
    ):
        await client.reaction(await client.send(issues.ReportResult(text="建好了"), "v-patch", by="v-branch"))
        early = await client.reaction(
            await client.send(issues.CloseIssue(outcome="resolved"), "v-patch", by="v-branch")
        )

    async with deployed(*where) as deployment, Client(deployment.settings, place.tenant) as client:
        await client.settle()
        closed = await client.reaction(
            await client.send(issues.CloseIssue(outcome="resolved"), "v-patch", by="v-branch")
        )

    assert early is not None
    assert early.data.code == "result_not_delivered"  # type: ignore[attr-defined]  # a CommandRefused
    assert closed is not None
    assert isinstance(closed.data, issues.IssueClosed)
