"""Grouping into care teams: one holder of each role, at most eight households, each improvement cheaper than the last."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgov.contracts.rules.planner import PlanningRules
from microgov.services.matching.planner import Helper, Household, Point, group
from tests.matching.planner.town import WEIGHTS, points

dialects = st.sampled_from([None, "wenzhou", "hui"])
SMALL = PlanningRules(team_households=3)


def households_up_to(most: int) -> st.SearchStrategy[list[Household]]:
    """Lists of at most so many households."""
    one = st.tuples(points, dialects, st.sampled_from([None, "b-1", "b-2"]))
    return st.lists(one, max_size=most).map(
        lambda all_: [Household(f"h-{n:02}", *v) for n, v in enumerate(all_)]
    )


def helpers_for(kind: str) -> st.SearchStrategy[list[Helper]]:
    """Lists of at most five people for one role."""
    speaks, owns = (
        st.frozensets(st.sampled_from(words), max_size=1) for words in (["wenzhou", "hui"], ["b-1", "b-2"])
    )
    one = st.tuples(points, speaks, owns)
    return st.lists(one, max_size=5).map(lambda all_: [Helper(f"{kind}-{n}", *v) for n, v in enumerate(all_)])


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
def test_every_improvement_is_cheaper_and_the_order_of_the_input_does_not_matter(
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
    here, there = Point(30_400_000, 120_280_000), Point(30_400_000, 120_300_000)
    households = [
        Household(f"h-{n:02}", (here, there)[n % 2], (None, "wenzhou")[n % 2], ("b-1", "b-2")[n % 2])
        for n in range(16)
    ]
    everybody = [Helper("p-1", there), Helper("p-2", here)]
    dasao = [Helper("d-1", here, frozenset({"wenzhou"})), Helper("d-2", here)]
    landlords = [
        Helper("l-1", here, buildings=frozenset({"b-2"})),
        Helper("l-2", here, buildings=frozenset({"b-1"})),
    ]

    found = group(households, everybody, dasao, landlords, WEIGHTS)

    even, odd = found.teams
    assert (even.party_member, even.dasao, even.landlord) == ("p-2", "d-2", "l-2")
    assert (odd.party_member, odd.dasao, odd.landlord) == ("p-1", "d-1", "l-1")
    assert even.households == tuple(f"h-{n:02}" for n in range(0, 16, 2))


def test_households_without_a_place_in_a_team_are_left_out_and_named() -> None:
    one = [Helper("x")]

    found = group([Household(f"h-{n:02}") for n in range(10)], one, one, one, WEIGHTS)

    assert len(found.teams[0].households) == 8
    assert found.left_out == ("h-08", "h-09")
    assert group([Household("h")], one, [], one, WEIGHTS).left_out == ("h",)
