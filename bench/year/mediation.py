"""A mediation after a deliberation without consensus: held and settled, or refused, failed, lapsed."""

from collections.abc import Generator
from datetime import datetime, timedelta

from bench.year import fumbles, handling
from bench.year.fumbles import fumble
from bench.year.matter import Matter
from bench.year.town import Person
from microgov.contracts import issues

Steps = Generator[datetime, None, None]


def mediated(m: Matter) -> Steps:
    """Mediated if the parties want it; else the issue is reported as it is."""
    yield m.wait(days=2)
    if not m.referred and m.often(0.8) and (yield from _held(m)):
        yield from handling.reported(m, "已调解。")
        yield from handling.closed(m, "mediated")
        return
    yield m.wait(days=2)
    if not m.referred:
        m.say(issues.ReferIssue(to="sub-district-office", reason="未达成共识，请街道协调。"), m.branch)
    yield from handling.reported(m, "街道已受理。")
    yield from handling.closed(m, "referred_accepted")


def _held(m: Matter) -> Generator[datetime, None, bool]:
    """Returns whether the parties have settled and performed it."""
    talks, (one, other) = f"{m.id}-talks", m.chance.sample(m.compound.residents, 2)
    asking = issues.RequestMediation(
        mediation=talks,
        parties=[one.id, other.id],
        instrument="informal",
        reason="双方各执一词。",
        channel="app",
    )
    m.say(asking, m.branch)
    yield m.wait(days=1)
    m.say(issues.ConsentToMediation(channel="app"), one, talks)
    if m.often(0.2):
        m.say(issues.RefuseMediation(channel="app"), other, talks)
        return False
    m.say(issues.ConsentToMediation(channel="app"), other, talks)
    if m.often(0.1):
        yield m.wait(days=35)
        return False  # nobody was assigned: it has lapsed
    if m.often(0.15):
        m.say(issues.AssignMediator(mediator=one.id), m.branch, talks)  # refused: a party has a stake
    dasao = next(one for one in m.community.compounds if one.id != m.compound.id).people["dasao"][0]
    m.say(issues.AssignMediator(mediator=dasao.id), m.branch, talks)
    fumble(m, fumbles.of_mediation(m, talks, dasao, other))
    if m.often(0.06):
        yield m.wait(days=35)
        return False  # the mediator never found a day: it has lapsed
    yield m.wait(days=2)
    return (yield from _talked(m, talks, dasao))


def _talked(m: Matter, talks: str, dasao: Person) -> Generator[datetime, None, bool]:
    """The talks themselves; returns whether the parties have settled, and have done what they agreed on."""
    for _ in range(m.chance.choice((1, 1, 2))):
        m.say(issues.HoldMediation(note="三人坐下来谈。"), dasao, talks)
        yield m.wait(days=2)
    if m.often(0.2):
        m.say(issues.FailMediation(reason="谈不拢。", rights_told=m.often(0.7)), dasao, talks)
        m.say(issues.FailMediation(reason="谈不拢，已告知权利。", rights_told=True), dasao, talks)
        return False
    by = m.year.now + timedelta(days=10)
    terms = ["车停东侧。", "晚上九点后不装卸。"]
    settling = issues.SettleMediation(
        facts="占用通道。", terms=terms, performance="自行履行。", perform_by=by
    )
    m.say(settling, dasao, talks)
    yield m.wait(days=11)
    if m.often(0.1):
        m.say(issues.FollowUpMediation(performed=False, note="还差一条。"), m.social, talks)
        yield m.wait(days=7)
    m.say(issues.FollowUpMediation(performed=True, note="已履行。"), m.social, talks)
    return True
