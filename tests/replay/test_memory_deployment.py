"""The deployment in memory: its log is one that a broker could hold, and replays."""

from datetime import timedelta
from pathlib import Path

import pytest

from microgov.contracts import directory, issues
from microgov.contracts.fields import Role
from microgov.contracts.message import plain
from microgov.contracts.notify import RegisterContact
from microgov.contracts.rules import ClockRules
from microgov.folds import FOLDS
from microgov.services.chassis.log import body_of
from microgov.services.chassis.messages.parsed import read_one
from microgov.services.chassis.recording import recording as recordings
from microgov.services.chassis.recording.recording import RecordingWriter
from microgov.services.chassis.recording.verifying import verify
from microgov.services.chassis.replay.checkpoints import STEP, StateCollector
from microgov.services.chassis.replay.feeding import feed, prepare
from microgov.services.chassis.service import Service
from microgov.services.chassis.store.engine import engine
from microgov.services.issues.deliberation.ballots import sealing
from microgov.services.notify.channels.outcome import AttemptOutcome
from microgov.testing.deployment.fold import FoldInMemory
from microgov.testing.deployment.memory_deployment import MemoryDeployment
from microgov.testing.deployment.teller import ballot_key, sealed
from microgov.testing.replay import Replay, urls_of
from tests.replay.small_deployment import OPTIONS, START, TENANT, ballot_held, deployment_of, submit, types

LOGS = Path(__file__).parents[1] / "logs"


def replayed(deployment: MemoryDeployment, folder: Path) -> Replay:
    """The log, written, read again and replayed."""
    deployment.write(folder / "log.ndjson")
    read = recordings.read(folder / "log.ndjson")
    return Replay(read, {name: urls_of(name, folder) for name in ("memory", "sqlite")})


def test_a_message_is_answered_by_every_service_that_hears_of_it_and_the_log_replays(tmp_path: Path) -> None:
    deployment = deployment_of("wang")

    followed = submit(deployment)

    assert types(followed) == ["issue_submitted"]
    assert [*verify(deployment.recording())] == []
    replayed(deployment, tmp_path).assert_same_state()


def test_a_role_is_needed_where_several_may_send() -> None:
    deployment = deployment_of("wang")

    with pytest.raises(ValueError, match="name the role: cosign_issue"):
        deployment.send(issues.CosignIssue(channel="app"), "patch", "wang")


def test_each_deadline_is_reported_at_its_own_time_or_all_at_once() -> None:
    at: dict[bool, list[str]] = {}
    for at_once in (False, True):
        deployment = deployment_of("wang", "li")
        ballot_held(deployment, False)
        deployment.advance(START + timedelta(days=9, hours=1), at_once)
        reached = [
            body
            for body in map(body_of, deployment.log.messages)
            if body["type"] == "log.deadline_reached.v1"
        ]
        at[at_once] = [body["recordedtime"] for body in reached]
        assert deployment.now == START + timedelta(days=9, hours=1)

    assert at == {False: ["2026-03-04T08:00:00Z"], True: ["2026-03-11T09:00:00Z"]}


def test_a_secret_ballot_is_counted_and_its_key_destroyed_and_the_same_votes_give_the_same_log(
    tmp_path: Path,
) -> None:
    logs = []
    for _ in range(2):
        deployment = deployment_of(*(f"p{n}" for n in range(6)), "wang")
        ballot_held(deployment, True)
        deployment.report_work()
        for n in range(6):
            text = sealing.one_of(OPTIONS[n == 5])
            choice = sealed(TENANT, "ballot", f"p{n}", text, sealing.length_of("one_of", OPTIONS))
            vote = issues.CastVote(choice=choice, channel="app")
            assert types(deployment.send(vote, "ballot", f"p{n}", Role.RESIDENT)) == ["sealed_vote_cast"]
        deployment.advance(START + timedelta(days=3))
        logs.append(deployment.log.messages)

    counted = next(b for b in map(body_of, logs[0]) if b["type"] == "issues.secret_ballot_counted.v1")
    assert [line["agree"] for line in counted["data"]["tally"]] == [5, 1]
    assert counted["data"]["spoiled"] == 0
    assert logs[0] == logs[1]
    with deployment.session("issues") as s:
        assert s.connection().exec_driver_sql("SELECT count(*) FROM ballot_key").scalar() == 0
    replayed(deployment, tmp_path).assert_same_state()


def test_a_sealed_vote_is_the_one_that_publishers_make() -> None:
    choice = sealed(TENANT, "ballot", "wang", sealing.one_of("fence"), 40)

    opened = sealing.open_box(ballot_key(TENANT, "ballot"), "ballot", "wang", choice.box)

    assert opened == sealing.one_of("fence").ljust(40)


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [
        (AttemptOutcome("ok", "http_200"), ["notice_delivered"]),
        (AttemptOutcome("permanent", "http_410"), ["notice_undeliverable"]),
        (AttemptOutcome("unknown", "no_answer"), ["notice_undeliverable"]),
        (AttemptOutcome("temporary", "not_connected"), ["notice_undeliverable"]),
    ],
)
def test_deliveries_end_as_the_receiver_decides(outcome: AttemptOutcome, ends: list[str]) -> None:
    deployment = deployment_of("wang", receiver=lambda recipient, delivery, attempt: outcome)
    deployment.send(RegisterContact(channel="webhook"), "wang", "wang", Role.RESIDENT)
    submit(deployment)
    deployment.send(issues.AcceptIssue(), "patch", "branch")

    deployment.advance(START + timedelta(days=1))

    webhook = [b for b in map(body_of, deployment.log.messages) if b["data"].get("channel") == "webhook"]
    assert [b["type"].split(".")[1] for b in webhook if b["writer"] == "notify"][1:] == ends


def test_many_messages_are_folded_at_once_and_the_states_collected_on_the_way_are_those_of_a_replay(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.ndjson"
    writer = RecordingWriter(path, TENANT)
    deployment = deployment_of("wang", sink=writer.add, collects=True)
    for n in range(700):
        submitted = issues.SubmitIssue(title=f"{n}", text="x", place="yuan", channel="app")
        deployment.put(submitted, f"i-{n}", "wang", Role.RESIDENT)
        deployment.put(issues.AcceptIssue(), f"i-{n}", "branch")
        if n % 50 == 0:
            deployment.settle()
    deployment.settle()
    states = deployment.collected_states()
    assert writer.finish(states) == deployment.log.length > STEP
    assert deployment.log.messages == []
    with pytest.raises(ValueError, match="the sink has got the messages"):
        deployment.write(tmp_path / "other.ndjson")

    made = recordings.read(path)
    for service in FOLDS:
        fresh, collector = engine("sqlite://"), StateCollector(service, STEP)
        prepare(fresh, service)
        assert len([*feed(service, made, fresh, batch=1, states=collector)]) == len(made.by(service.name))
        assert [*states[service.name]] == collector.end()


def test_some_services_alone_are_a_deployment_too() -> None:
    only = [service for service in FOLDS if service.name in ("directory", "issues")]
    deployment = MemoryDeployment(TENANT, only, START)

    followed = deployment.send(
        directory.ChangeRules(content=ClockRules(dispatch_days=2)), "clocks", "office", Role.OFFICE
    )

    assert types(followed) == ["rules_changed"]
    assert set(deployment.folds) == {"directory", "issues"}
    deployment.advance(START + timedelta(days=30))


def test_a_report_of_an_edge_is_written_under_its_name() -> None:
    deployment = deployment_of("wang")
    read = issues.HouseholdFileRead.model_validate({"by": "wang", "why": "visit"})

    deployment.report("issues", read, "h-wang", "first")
    deployment.settle()

    assert body_of(deployment.log.messages[-1])["writer"] == "issues-edge"
    assert body_of(deployment.log.messages[-1])["data"] == plain(read)


def test_what_is_due_after_a_time_that_does_not_come_is_not_reported() -> None:
    deployment = deployment_of("wang", "li")
    ballot_held(deployment, False)

    assert deployment.report_due(START + timedelta(days=1), 9) == 0
    assert deployment.report_due(START + timedelta(days=2), 9) == 1
    assert deployment.now == START + timedelta(days=2)


@pytest.mark.parametrize("service", FOLDS, ids=lambda service: service.name)
def test_the_states_do_not_depend_on_how_many_messages_a_transaction_folds(service: Service) -> None:
    made = recordings.read(LOGS / "hospital.ndjson")
    one, other = (FoldInMemory(service, made.tenant, collects=True) for _ in range(2))
    for stored in made.messages:
        one.fold([read_one(stored)])
    other.fold([read_one(stored) for stored in made.messages])

    assert one.states.end() == other.states.end()
