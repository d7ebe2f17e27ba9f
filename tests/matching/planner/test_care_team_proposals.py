"""Grouping into care teams: one holder of each role, at most eight households, and a total cost that falls step by step."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner import Helper, Household, Point, group
from tests.matching.planner.town import WEIGHTS, points

dialects = st.sampled_from([None, "wenzhou", "hui"])
"""Dialects of households. The planner counts them, although the service knows none so far (domain.md §3.4, rule 7)."""
buildings = st.sampled_from([None, "b-1", "b-2"])
SMALL = PlanningRules(team_households=3)
"""The default weights, but with three households in a team, so that a few households fill several teams."""


def households_up_to(most: int) -> st.SearchStrategy[list[Household]]:
    """Lists of at most so many households, with the ids h-00, h-01, …"""
    one = st.tuples(points, dialects, buildings)
    return st.lists(one, max_size=most).map(
        lambda drawn: [
            Household(f"h-{n:02}", point=point, dialect=dialect, building=building)
            for n, (point, dialect, building) in enumerate(drawn)
        ]
    )


def helpers_for(kind: str) -> st.SearchStrategy[list[Helper]]:
    """Lists of at most five people for one role, each with at most one dialect and one building."""
    languages = st.frozensets(st.sampled_from(["wenzhou", "hui"]), max_size=1)
    owned = st.frozensets(st.sampled_from(["b-1", "b-2"]), max_size=1)
    one = st.tuples(points, languages, owned)
    return st.lists(one, max_size=5).map(
        lambda drawn: [
            Helper(f"{kind}-{n}", point=point, languages=spoken, buildings=own)
            for n, (point, spoken, own) in enumerate(drawn)
        ]
    )


@pytest.mark.rule("3.4", "a care team has one of each role")
@settings(deadline=None)
@given(households_up_to(14), helpers_for("party"), helpers_for("dasao"), helpers_for("landlord"))
def test_a_team_has_one_of_each_role_and_no_household_is_in_two(
    households: list[Household], party: list[Helper], dasao: list[Helper], landlords: list[Helper]
) -> None:
    found = group(households, party, dasao, landlords, SMALL)

    seated = [home for team in found.teams for home in team.households]
    assert len(seated) == len(set(seated))
    assert sorted([*seated, *found.left_out]) == [home.id for home in households]
    for role in ("party_member", "dasao", "landlord"):
        held = [getattr(team, role) for team in found.teams]
        assert len(held) == len(set(held))
    assert all(1 <= len(team.households) <= 3 for team in found.teams)
    scarcest = min(len(party), len(dasao), len(landlords))
    assert len(found.teams) == min(scarcest, -(-len(households) // 3))
    assert len(found.left_out) == max(0, len(households) - 3 * scarcest)


@settings(deadline=None)
@given(
    households_up_to(14),
    helpers_for("party"),
    helpers_for("dasao"),
    helpers_for("landlord"),
    st.randoms(use_true_random=False),
)
def test_each_step_lowers_the_total_cost_and_the_order_of_the_input_does_not_matter(
    households: list[Household],
    party: list[Helper],
    dasao: list[Helper],
    landlords: list[Helper],
    random: object,
) -> None:
    found = group(households, party, dasao, landlords, SMALL)

    assert list(found.costs) == sorted(set(found.costs), reverse=True)
    for one in (households, party, dasao, landlords):
        random.shuffle(one)  # type: ignore[attr-defined]  # Hypothesis gives a Random
    assert group(households, party, dasao, landlords, SMALL) == found


def test_neighbours_are_in_one_team_with_their_landlord_and_a_dasao_of_their_dialect() -> None:
    west, east = Point(30_400_000, 120_280_000), Point(30_400_000, 120_300_000)
    in_the_west, in_the_east = [f"h-{n:02}" for n in range(0, 16, 2)], [f"h-{n:02}" for n in range(1, 16, 2)]
    households = [
        *(Household(id, point=west, building="b-west") for id in in_the_west),
        *(Household(id, point=east, building="b-east", dialect="wenzhou") for id in in_the_east),
    ]
    party_members = [Helper("p-east", point=east), Helper("p-west", point=west)]
    dasao = [Helper("d-wenzhou", point=west, languages=frozenset({"wenzhou"})), Helper("d-other", point=west)]
    landlords = [
        Helper("l-east", point=west, buildings=frozenset({"b-east"})),
        Helper("l-west", point=west, buildings=frozenset({"b-west"})),
    ]

    found = group(households, party_members, dasao, landlords, WEIGHTS)

    western, eastern = found.teams  # teams are sorted by their households, and h-00 is in the west
    assert (western.party_member, western.dasao, western.landlord) == ("p-west", "d-other", "l-west")
    assert (eastern.party_member, eastern.dasao, eastern.landlord) == ("p-east", "d-wenzhou", "l-east")
    assert western.households == tuple(in_the_west)


def test_households_without_a_place_in_a_team_are_left_out_and_named() -> None:
    party_member, dasao, landlord = Helper("p"), Helper("d"), Helper("l")

    found = group([Household(f"h-{n:02}") for n in range(10)], [party_member], [dasao], [landlord], WEIGHTS)

    assert len(found.teams[0].households) == 8  # the default of `team_households`
    assert found.left_out == ("h-08", "h-09")
    assert group([Household("h")], [party_member], [], [landlord], WEIGHTS).left_out == ("h",)
