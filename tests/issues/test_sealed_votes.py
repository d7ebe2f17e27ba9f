"""Sealed votes: cast, replaced, retracted; and what is refused in a secret ballot."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import event

from microgov.contracts import issues
from microgov.contracts.message import plain
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.issues.handlers import service
from microgov.testing.service_driver import names, refusal
from tests.issues import issue_steps
from tests.issues.secret_ballot_steps import OPTIONS, BallotWithTeller


async def test_the_event_of_a_sealed_vote_names_the_person_and_not_the_choice() -> None:
    voting = await BallotWithTeller.with_key()

    assert plain(voting.vote("p-1")) == {"person": "p-1", "replaced": False}
    assert plain(voting.vote("p-1", "opt-flowers")) == {"person": "p-1", "replaced": True}
    assert issue_steps.ballot(voting.driver).people == 1


async def test_a_retracted_vote_counts_no_more_and_can_be_cast_again() -> None:
    voting = await BallotWithTeller.with_key()
    voting.vote("p-1")

    said = voting.driver.say(issues.RetractVote(channel="app"), "b-1", by="p-1")

    assert (names(said), plain(said[0].event)) == (["SealedVoteRetracted"], {"person": "p-1"})
    assert issue_steps.ballot(voting.driver).people == 0
    assert refusal(voting.driver, issues.RetractVote(channel="app"), "b-1", by="p-1").code == "no_vote"
    assert not voting.vote("p-1").replaced


async def test_a_social_worker_votes_for_somebody_who_cannot() -> None:
    voting = await BallotWithTeller.with_key()

    cast = voting.vote("p-6", by="p-social", role="social_worker", on_behalf_of="p-6")

    assert cast.person == "p-6"
    assert (await voting.count()).spoiled == 0


async def test_an_invalid_vote_in_a_secret_ballot_is_refused_with_its_reason() -> None:
    voting = await BallotWithTeller.with_key()
    text = sealing.one_of("opt-fence")

    def code_and_field(vote: Any, **how: Any) -> tuple[str, str]:
        refused = refusal(voting.driver, vote, "b-1", **{"by": "p-1", **how})
        return refused.code, refused.field

    assert code_and_field(issue_steps.voting()) == ("ballot_is_secret", "data.choice.kind")
    assert code_and_field(voting.seal("p-1", text, key="another")) == ("wrong_key", "data.choice.key")
    assert code_and_field(voting.seal("p-1", text, box="c2VhbGVk")) == ("box_size", "data.choice.box")
    told = voting.seal("p-1", text).model_copy(update={"option": "opt-fence"})
    assert code_and_field(told) == ("option_told", "data.option")
    assert code_and_field(issues.RetractVote(option="opt-fence", channel="app")) == (
        "option_told",
        "data.option",
    )
    assert code_and_field(voting.seal("p-9", text), by="p-9") == ("not_registered", "authid")
    voting.driver.wait(days=2)
    for late in (voting.seal("p-1", text), issue_steps.voting(), issues.RetractVote(channel="app")):
        assert code_and_field(late)[0] == "ballot_closed"


def test_nobody_votes_before_there_is_a_key() -> None:
    voting = BallotWithTeller()
    vote = issues.CastVote.model_validate(
        {"choice": {"kind": "sealed", "key": "k", "box": "c2VhbGVk"}, "channel": "app"}
    )

    assert refusal(voting.driver, vote, "b-1", by="p-1").code == "ballot_key_missing"


def test_an_open_ballot_takes_no_sealed_vote() -> None:
    driver = issue_steps.start()
    issue_steps.open_ballot(driver)
    vote = issues.CastVote.model_validate(
        {"choice": {"kind": "sealed", "key": "k", "box": "c2VhbGVk"}, "channel": "app"}
    )

    assert refusal(driver, vote, "b-1", by="p-1").code == "ballot_is_open"


async def test_a_box_with_base64_padding_is_accepted() -> None:
    voting = await BallotWithTeller.with_key("each")
    vote = voting.seal("p-1", sealing.each(OPTIONS, {}))
    assert isinstance(vote.choice, issues.SealedChoice)
    padded = vote.choice.box + "=" * (-len(vote.choice.box) % 4)
    assert padded != vote.choice.box

    voting.cast(vote.model_copy(update={"choice": vote.choice.model_copy(update={"box": padded})}), "p-1")

    assert (await voting.count()).spoiled == 0


def test_an_open_vote_does_not_read_the_tables_of_secret_ballots() -> None:
    driver, asked = issue_steps.start(), list[str]()
    issue_steps.open_ballot(driver)
    event.listen(driver.s.get_bind(), "before_cursor_execute", lambda c, cursor, text, *_: asked.append(text))

    driver.say(issue_steps.voting(), "b-1", by="p-1")
    driver.say(issues.RetractVote(channel="app"), "b-1", by="p-1")

    assert asked
    assert not [text for text in asked if "seal" in text or "secret" in text]
    assert set(first_reads(driver.log[-1], issue_steps.voting())) == {"Ballot", "Person", "Vote", "Voter"}


async def test_the_handler_of_a_sealed_vote_declares_the_rows_that_it_reads_first() -> None:
    voting = await BallotWithTeller.with_key()
    vote = voting.seal("p-1", sealing.one_of("opt-fence"))

    assert set(first_reads(voting.driver.log[-1], vote)) == {
        "Ballot",
        "Person",
        "SecretBallot",
        "SealedVote",
        "Voter",
    }


def first_reads(m: Any, vote: issues.CastVote) -> Iterator[str]:
    """The names of the row classes that the handler reads first for this vote."""
    hints: Any = service.handlers[issues.CastVote]
    for cls, _ in hints.reads.first(m.model_copy(update={"data": vote})):
        yield cls.__name__
