"""The list of the numbers of `behaviour`: none is left out, and a log without a number is decided as it was."""

from datetime import date

from microgov.contracts.rules import behaviour
from microgov.contracts.rules.behaviour import BEHAVIOURS, BehaviourRules


def test_the_numbers_rise_by_one_and_each_has_its_name_day_and_reason() -> None:
    assert [one.number for one in BEHAVIOURS] == list(range(1, behaviour.BEHAVIOUR + 1))
    assert len({one.name for one in BEHAVIOURS}) == len(BEHAVIOURS)
    days = [date.fromisoformat(one.since) for one in BEHAVIOURS]
    assert days == sorted(days)
    assert all(one.what and one.why for one in BEHAVIOURS)


def test_a_log_without_a_number_is_decided_as_it_was_before_the_section_existed() -> None:
    """Raising this default would decide such a log in another way from its first message on."""
    assert BehaviourRules().behaviour == 3


def test_the_named_number_is_in_the_list() -> None:
    assert behaviour.BEHAVIOUR_TELL_ALL in {one.number for one in BEHAVIOURS if one.name == "tell all"}
