"""The deliberation of an issue: topic, options, session, minutes, and how it ends."""

from collections.abc import Generator
from datetime import datetime

from bench.year import fumbles, sessions
from bench.year.fumbles import fumble
from bench.year.matter import Matter
from bench.year.proportions import RESULTS
from bench.year.texts import OPTIONS, drawn
from microgov.contracts import issues

Result = Generator[datetime, None, str]
"""Part of a life that returns how the deliberation has ended."""


def deliberated(m: Matter) -> Result:
    """Opens a topic, holds a session about it, and ends it; returns how."""
    m.topics += 1
    topic = f"{m.id}-t{m.topics}"
    yield from _opened(m, topic)
    options = [f"{topic}-{letter}" for letter in "abcd"[: m.chance.choice((2, 2, 3, 4))]]
    for option, text in zip(options, OPTIONS, strict=False):
        proposed = issues.ProposeOption(option=option, text=text, channel="app")
        m.say(proposed, m.chance.choice(m.compound.residents), topic)
    fumble(m, fumbles.of_topic(m, topic))
    if m.often(0.02):
        m.say(issues.PlaceOnAgenda(reason="须街道协调。"), m.community.staff["liaison_station"][0], topic)
    return (yield from _held(m, topic, options, drawn(RESULTS, m.chance)))


def session_again(m: Matter) -> Result:
    """Another session about the topic that was deferred."""
    topic = f"{m.id}-t{m.topics}"
    return (yield from _held(m, topic, [f"{topic}-a", f"{topic}-b"], "adopted"))


def _opened(m: Matter, topic: str) -> Generator[datetime, None, None]:
    """Opened by the branch, or proposed by a resident and screened."""
    if m.urgency != "emergency" and m.often(0.12):
        resident = m.chance.choice(m.compound.residents)
        if m.often(0.3):
            vague = issues.ProposeTopic(topic=f"{topic}-vague", title="把小区弄好", channel="app")
            m.say(vague, resident)
            yield m.wait(days=1)
            no = issues.RefuseTopic(ground="not_concrete", reasons="请写明改什么。")
            m.say(no, m.branch, f"{topic}-vague")
        kind = m.chance.choice(("micro_renewal", "landscape_retrofit", "micro_topic"))
        clear = issues.ProposeTopic.model_validate(
            {"topic": topic, "title": "怎么改", "intervention": kind, "channel": "app"}
        )
        m.say(clear, resident)
        yield m.wait(days=1)
        m.say(issues.AdmitTopic(), m.branch, topic)
    else:
        m.say(issues.OpenDeliberation(topic=topic, title="怎么办"), m.branch)
    yield m.wait(days=1)


def _held(m: Matter, topic: str, options: list[str], result: str) -> Result:
    """A session, its minutes, and the result; without quorum or majority nothing is adopted."""
    held = yield from sessions.session(m, topic, options)
    if m.often(0.04):
        m.say(_adoption(m, options[0]), m.branch, topic)  # refused: no minutes yet
    yield from minutes(m, held)
    if result == "adopted" and not held.carried:
        result = "no_consensus"
        if m.often(0.3):
            m.say(_adoption(m, options[0]), m.branch, topic)  # refused: no quorum, or no majority
    ends = {
        "adopted": _adoption(m, options[0]),
        "rejected": issues.RejectTopic(outcome="agreed_no_action", reasons="多数人认为不必改。"),
        "no_consensus": issues.DeclareNoConsensus(reasons="双方都不让步。"),
        "deferred": issues.DeferTopic(reasons="等测量结果。"),
    }
    m.say(ends[result], m.branch, topic)
    yield m.wait(days=0)
    if result == "adopted" and m.year.state("issues", "topic", topic) == "deliberated":
        result = "no_consensus"  # the option has no majority after all
        m.say(ends[result], m.branch, topic)
        yield m.wait(days=0)
    if result == "adopted" and m.often(0.1):
        m.year.begin("evaluated", m.wait(days=50), lambda year, id: _evaluated(m, topic))
    return result


def minutes(m: Matter, held: sessions.Held) -> Generator[datetime, None, None]:
    """The minutes of a session: drafted, sometimes amended, and confirmed by people who were there."""
    yield m.wait(days=1)
    m.say(issues.DraftMinutes(text="到会人员一致同意第一个方案。"), m.social, held.session)
    yield m.wait(days=1)
    if m.often(0.05):
        m.say(issues.DraftMinutes(text="到会人员同意第一个方案，一人保留意见。"), m.social, held.session)
        yield m.wait(days=1)
    if m.often(0.03) and held.present:
        m.say(issues.ConfirmMinutes(channel="app"), held.present[0], held.session)  # mostly too early
    yield m.wait(days=1)
    for person in held.present[:2]:
        m.say(issues.ConfirmMinutes(channel="app"), person, held.session)
    yield m.wait(days=1)


def _adoption(m: Matter, option: str) -> issues.AdoptResolution:
    return issues.AdoptResolution(option=option, items=[])


def _evaluated(m: Matter, topic: str) -> Generator[datetime, None, None]:
    """A month later it is looked at whether the resolution has come to what it was for."""
    yield from ()
    m.say(issues.EvaluateTopic(achieved=m.often(0.9), text="效果良好。"), m.branch, topic)
