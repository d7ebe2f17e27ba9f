"""Providers: qualifications, availability, and that what an offer requires is valid on the day of service (I7)."""

from datetime import timedelta

import pytest

from microgov.contracts import matching
from microgov.testing.service_driver import ServiceDriver, names, refusal
from tests.matching import order_steps, provider_steps

WENZHOU = matching.Qualification(kind="language", name="wenzhou")
DAY = order_steps.STARTS.date().isoformat()
BEFORE = (order_steps.STARTS - timedelta(days=1)).date().isoformat()
"""The day on which the slots begin, and the day before it, as ISO dates."""


def start_requiring(*requires: matching.Qualification) -> ServiceDriver:
    """A service with an order that is being staffed, from an offer with these requirements."""
    driver = order_steps.start()
    driver.say(order_steps.offering(order_steps.slot("am"), requires=list(requires)), "offer-2", by="p-rep")
    driver.say(matching.PublishOffer(), "offer-2", by="p-branch")
    order_steps.bring_to_staffing(driver, offer="offer-2")
    return driver


def test_a_person_is_registered_for_an_organisation_and_again_without_one() -> None:
    driver = order_steps.start()

    said = provider_steps.register(driver)
    again = driver.say(provider_steps.registering(organisations=[]), "p-5", by="p-5", role="volunteer")

    assert names(said + again) == ["ProviderRegistered"] * 2
    assert said[0].event.person == "p-5"  # type: ignore[attr-defined]
    assert provider_steps.show(driver).organisations == []


@pytest.mark.rule("3.1", "a person acts for themself, an organisation for its own people")
def test_a_person_without_an_organisation_registers_themself_and_claims_no_other_role() -> None:
    driver = order_steps.start()
    alone = provider_steps.registering(organisations=[])

    assert (
        refusal(driver, provider_steps.registering(), "p-5", by="p-5", role="volunteer").field
        == "data.organisations"
    )
    assert refusal(driver, alone, "p-5", by="p-5", role="resident").code == "vouching_needed"
    assert refusal(driver, alone, "p-5", by="p-6", role="volunteer").code == "not_yourself"
    assert (
        refusal(driver, provider_steps.registering(), "p-5", by="p-8", role="organisation").code
        == "not_your_organisation"
    )
    assert refusal(driver, alone, "p-5", by="p-rep", role="organisation").code == "not_yourself"
    assert refusal(driver, alone, "p-9", by="p-branch", role="branch").code == "not_registered"
    assert refusal(driver, alone, "p-5", by="p-x", role="branch", scope="elsewhere").code == "outside_scope"
    assert (
        refusal(driver, provider_steps.registering(organisations=["x"]), "p-5", by="p-b", role="branch").code
        == "not_found"
    )
    assert names(driver.say(alone, "p-5", by="p-5", role="volunteer")) == ["ProviderRegistered"]
    assert names(driver.say(provider_steps.registering(), "p-6", by="p-rep", role="organisation")) == [
        "ProviderRegistered"
    ]


def test_availability_is_set_anew_and_withdrawn() -> None:
    driver = order_steps.start()
    provider_steps.register(driver)

    said = driver.say(
        provider_steps.setting_availability(days_off=("2026-10-01",)), "p-5", by="p-5", role="volunteer"
    )
    said += driver.say(provider_steps.setting_availability(weekday=7), "p-5", by="p-rep", role="organisation")
    week = provider_steps.show(driver).weekly
    said += driver.say(matching.WithdrawAvailability(), "p-5", by="p-5", role="resident")

    assert names(said) == ["AvailabilitySet", "AvailabilitySet", "AvailabilityWithdrawn"]
    assert week == [matching.Weekly(weekday=7, from_minute=540, to_minute=720)]
    withdrawn = provider_steps.show(driver)
    assert (withdrawn.availability, withdrawn.weekly, withdrawn.days_off) == ("withdrawn", [], [])
    backwards = provider_steps.setting_availability(opens=720, closes=540)
    assert refusal(driver, backwards, "p-5", by="p-5", role="volunteer").code == "window_invalid"
    assert (
        refusal(driver, provider_steps.setting_availability(), "p-5", by="p-6", role="volunteer").code
        == "not_yourself"
    )
    assert (
        refusal(driver, provider_steps.setting_availability(), "p-6", by="p-6", role="volunteer").code
        == "not_found"
    )


@pytest.mark.rule("3.1", "nobody verifies their own qualification")
def test_a_qualification_is_verified_by_somebody_else_renewed_and_revoked() -> None:
    driver = order_steps.start()
    provider_steps.register(driver)
    revoking = matching.RevokeQualification(qualification=provider_steps.HEALTH, reason="证件作废")

    own = refusal(
        driver,
        matching.VerifyQualification(qualification=provider_steps.HEALTH),
        "p-5",
        by="p-5",
        role="branch",
    )
    provider_steps.verify(driver, until=BEFORE)
    provider_steps.verify(driver, until=DAY, by="p-office")
    (proven,) = provider_steps.show(driver).qualifications

    assert own.code == "verifies_own"
    assert proven.qualification == provider_steps.HEALTH
    assert (proven.valid_until, proven.verified_by) == (DAY, "p-office")
    assert names(driver.say(revoking, "p-5", by="p-branch", role="branch")) == ["QualificationRevoked"]
    assert refusal(driver, revoking, "p-5", by="p-branch", role="branch").code == "not_verified"
    assert provider_steps.show(driver).qualifications == []


@pytest.mark.rule("3.3", "I7 a required check is valid on the service date")
@pytest.mark.rule("3.3", "I7 a required check is valid on the day")
@pytest.mark.parametrize(("until", "fit"), [(BEFORE, False), (DAY, True), (None, True)])
def test_a_required_check_is_valid_on_the_day_of_the_service(until: str | None, fit: bool) -> None:
    driver = start_requiring(provider_steps.HEALTH)
    provider_steps.register(driver)
    provider_steps.verify(driver, until=until)

    if fit:
        assert names(order_steps.propose_person(driver)) == ["PersonProposed"]
        return
    refused = refusal(driver, matching.ProposePerson(order="order-1", person="p-5"), "prop-1", by="p-rep")
    assert (refused.code, refused.field) == ("not_qualified", "data.person")
    assert "check health" in refused.words.en
    assert DAY in refused.words.en
    assert "health" in refused.words.zh


@pytest.mark.rule("3.3", "I7 is checked by local time, to the end of the slot")
def test_the_day_of_a_service_is_the_local_day_on_which_it_ends() -> None:
    """The slot ends at two in the morning of the next day by local time (UTC+8), but on the same day in UTC."""
    driver = order_steps.start()
    night = order_steps.slot("night", starts=order_steps.STARTS + timedelta(hours=8))
    driver.say(order_steps.offering(night, requires=[provider_steps.HEALTH]), "offer-2", by="p-rep")
    driver.say(matching.PublishOffer(), "offer-2", by="p-branch")
    order_steps.bring_to_staffing(driver, offer="offer-2", slot="night")
    provider_steps.register(driver)
    provider_steps.verify(driver, until=DAY)

    assert (
        refusal(driver, matching.ProposePerson(order="order-1", person="p-5"), "prop-1", by="p-rep").code
        == "not_qualified"
    )


def test_a_language_counts_if_the_provider_named_it_or_it_was_verified() -> None:
    driver = start_requiring(WENZHOU)
    provider_steps.register(driver)
    provider_steps.register(driver, "p-6", languages=["mandarin"])
    provider_steps.verify(driver, "p-6", wanted=WENZHOU)

    assert (
        refusal(driver, matching.ProposePerson(order="order-1", person="p-7"), "prop-0", by="p-rep").code
        == "not_qualified"
    )
    assert (
        names(order_steps.propose_person(driver))
        == names(order_steps.propose_person(driver, "p-6", proposal="prop-2"))
        == ["PersonProposed"]
    )


def test_a_withdrawn_provider_has_no_qualifications() -> None:
    driver = start_requiring(provider_steps.HEALTH)
    provider_steps.register(driver)
    provider_steps.verify(driver)

    assert names(driver.say(matching.WithdrawProvider(), "p-5", by="p-5", role="volunteer")) == [
        "ProviderWithdrawn"
    ]
    assert (
        refusal(driver, matching.ProposePerson(order="order-1", person="p-5"), "prop-1", by="p-rep").code
        == "not_qualified"
    )


def test_qualifications_for_an_offer_without_slots_must_be_valid_today() -> None:
    driver = order_steps.start()
    driver.say(order_steps.offering(requires=[provider_steps.HEALTH]), "offer-2", by="p-rep")
    driver.say(matching.PublishOffer(), "offer-2", by="p-branch")
    order_steps.bring_to_staffing(driver, offer="offer-2", slot=None)
    provider_steps.register(driver)
    provider_steps.verify(driver, until=driver.now.date().isoformat())

    assert names(order_steps.propose_person(driver)) == ["PersonProposed"]
    driver.wait(days=1)
    provider_steps.register(driver, "p-6")
    provider_steps.verify(driver, "p-6", until=(driver.now - timedelta(days=1)).date().isoformat())
    assert (
        refusal(driver, matching.ProposePerson(order="order-1", person="p-6"), "prop-2", by="p-rep").code
        == "not_qualified"
    )


def test_a_person_whose_check_was_revoked_or_has_expired_does_not_check_in() -> None:
    driver = start_requiring(provider_steps.HEALTH)
    provider_steps.register(driver)
    provider_steps.verify(driver, until=DAY)
    order_steps.propose_person(driver)
    order_steps.accept_proposal(driver)

    late = refusal(
        driver,
        matching.CheckIn(channel="app"),
        "order-1",
        by="p-5",
        at=order_steps.STARTS + timedelta(days=1),
    )
    driver.say(
        matching.RevokeQualification(qualification=provider_steps.HEALTH, reason="作废"),
        "p-5",
        by="p-branch",
        role="branch",
    )
    revoked = refusal(driver, matching.CheckIn(channel="app"), "order-1", by="p-5")
    provider_steps.verify(driver)

    assert (late.code, late.field, revoked.code) == ("not_qualified", "authid", "not_qualified")
    assert names(driver.say(matching.CheckIn(channel="app"), "order-1", by="p-5")) == ["ServiceStarted"]
