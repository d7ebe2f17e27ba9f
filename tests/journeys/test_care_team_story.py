"""The story of the care team on both databases: its observations are issues, and its roles are filled in the end."""

import pytest

from microgov.client import simulated_clock
from microgov.contracts import issues, matching
from microgov.stories.careteam import careteam
from tests.journeys.conftest import RunningTenant
from tests.journeys.story_checks import check_completeness, play


@pytest.mark.rig
async def test_observations_of_the_care_team_become_issues_and_its_roles_are_filled(
    running: RunningTenant,
) -> None:
    client = running.client

    await play(client, careteam("c", await simulated_clock.now(client), client.tenant))

    team = await client.ask("matching", matching.ShowCareTeam(team="c-team"))
    assert (team["state"], team["party_member"], team["dasao"], team["landlord"]) == (
        "active",
        "c-shen",
        "c-fang",
        "c-ding",
    )
    assert [one["person"] for one in team["households"]] == ["c-tang"]
    assert len(team["observations"]) == 2
    seen = [await client.ask("issues", issues.ShowIssue(issue=issue)) for issue in team["observations"]]
    assert sorted((one["title"], one["reporter"]) for one in seen) == [
        ("井盖松动", "c-tang"),
        ("楼道电动车充电", "c-fang"),
    ]
    everything = await running.deployment.everything()
    notify_data = [one["data"] for one in everything if one["type"].startswith("notify.")]
    notices = {data["notice_type"] for data in notify_data if "notice_type" in data}
    assert {"care_role_filled", "care_team_incomplete", "household_joined", "household_left"} <= notices
    await check_completeness(running, least=5)
