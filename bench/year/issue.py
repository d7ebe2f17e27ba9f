"""The life of an issue, from the first word to the survey, perhaps reopened."""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime

from bench.year import deliberation, handling, interruptions, mediation
from bench.year.proportions import FORMS, URGENCY
from bench.year.texts import drawn, matter
from bench.year.town import Community, Compound, Person
from bench.year.year import Life, Year
from microgov.contracts import issues
from microgov.contracts.fields import Role
from microgov.contracts.message import Message

Part = Generator[datetime, None, bool]
"""Part of a life; returns whether the matter goes on."""
CHANNELS = {"app": 0.55, "counter": 0.2, "visit": 0.15, "phone": 0.1}
"""How people bring something up (assumption)."""


@dataclass
class Matter:
    """An issue under way: where it is, who brought it up, who has joined, and how many topics it had."""

    year: Year
    id: str
    chance: random.Random
    community: Community
    compound: Compound
    reporter: Person
    theme: str = "roads"
    form: str = "micro_topic"
    urgency: str = "ordinary"
    signers: list[Person] = field(default_factory=list)
    topics: int = 0
    sessions: int = 0
    referred: bool = False

    @property
    def branch(self) -> Person:
        return self.community.staff["branch"][0]

    @property
    def social(self) -> Person:
        return self.community.staff["social_worker"][0]

    def say(
        self, message: Message, by: Person, subject: str | None = None, whom: Person | None = None
    ) -> str:
        """Says something about the issue, or about another entity."""
        return self.year.say(message, subject or self.id, by, whom)

    def wait(self, days: float = 0, hours: float = 0) -> datetime:
        """The time to yield."""
        return self.year.wait(self.chance, days, hours)

    @property
    def can_answer(self) -> bool:
        """Whether the reporter is a person, who can answer; a system cannot."""
        return self.reporter.role != Role.SYSTEM

    @property
    def state(self) -> str | None:
        """In which state the issue is."""
        return self.year.state("issues", "issue", self.id)

    def often(self, share: float) -> bool:
        """True in this share of cases."""
        return self.chance.random() < share

    def neighbours(self, many: int) -> list[Person]:
        """Some people of the compound, each once."""
        everybody = self.compound.neighbours
        return self.chance.sample(everybody, min(many, len(everybody)))


def new_matter(year: Year, id: str) -> Matter:
    """A matter somewhere in town, with somebody who brings it up."""
    chance = year.chance(id)
    community = chance.choice(year.town.communities)
    compound = chance.choice(community.compounds)
    made = Matter(year, id, chance, community, compound, chance.choice(compound.residents))
    made.form, made.urgency = drawn(FORMS, chance), drawn(URGENCY, chance)
    return made


def issue(year: Year, id: str) -> Life:
    """An issue that a resident brings up, or somebody for them."""
    m = new_matter(year, id)
    m.theme, title, text = matter(m.chance)
    channel = drawn(CHANNELS, m.chance)
    submitted = issues.SubmitIssue(title=title, text=text, place=m.compound.id, channel=channel)
    if channel == "app":
        m.say(submitted, m.reporter)
        yield m.wait(days=m.chance.choice((0, 1, 1, 2)))
        if not (yield from _accepted(m)):
            return
    else:
        # What staff record for somebody is accepted at once.
        m.say(submitted, m.social, whom=m.reporter)
    yield m.wait(days=m.chance.choice((0, 1)))
    yield from from_acceptance(m)


def _accepted(m: Matter) -> Part:
    """Accepted; or declined, perhaps appealed, and decided by somebody else."""
    if not m.often(0.05):
        m.say(issues.AcceptIssue(), m.branch)
        return True
    ground = m.chance.choice(("abuse", "no_content", "before_court"))
    declined = issues.DeclineIssue.model_validate({"ground": ground, "reason": "正在法院审理，或内容不明。"})
    m.say(declined, m.branch)
    if m.often(0.3):
        return False
    yield m.wait(days=2)
    m.say(issues.AppealDecline(reason="请再看一次。", channel="app"), m.reporter)
    yield m.wait(days=1)
    if m.often(0.3):
        m.say(issues.AcceptIssue(), m.branch)  # refused: the same person decides twice
    other = m.community.staff["branch"][1]
    if m.often(0.2):
        m.say(declined, other)
        return False
    m.say(issues.AcceptIssue(), other)
    return True


def from_acceptance(m: Matter) -> Generator[datetime, None, None]:
    """All that follows once an issue is accepted."""
    if m.often(0.02):
        m.say(issues.CloseIssue(outcome="self_resolved"), m.branch)  # refused: nothing was deliberated
    triage = issues.TriageIssue.model_validate(
        {
            "theme": m.theme,
            "scale": "large" if m.theme == "renewal" or m.often(0.1) else "small",
            "urgency": m.urgency,
            "reach": m.chance.choice(("stairwell", "compound", "compound", "community")),
            "form": m.form,
        }
    )
    m.say(triage, m.branch)
    interruptions.perhaps(m)
    yield from handling.cosigned(m)
    if m.reporter.role in issues.WithdrawIssue.ROLES and m.often(0.03) and (yield from handling.withdrawn(m)):
        return
    if m.urgency == "emergency":
        yield from _emergency(m)
    else:
        yield from handling.routed(m)
        yield from _decided(m)
    yield from handling.surveyed(m)
    if m.can_answer and m.often(0.05):
        yield from _again(m)


def _emergency(m: Matter) -> Generator[datetime, None, None]:
    """First it is acted upon, then deliberated, sometimes too late."""
    m.say(issues.DispatchEmergency(owner="rescue-crew", action="当场断电，拉起警戒线。"), m.social)
    yield m.wait(days=m.chance.choice((1, 2, 3, 12)))
    m.form = "micro_topic"
    result = yield from deliberation.deliberated(m)
    if result == "adopted":
        yield from handling.items_done(m)
    yield from handling.reported(m, "隐患已排除。")
    yield from handling.closed(m, "resolved")


def _decided(m: Matter) -> Generator[datetime, None, None]:
    """Deliberated, then acted upon, rejected, mediated or referred."""
    if not m.referred and m.often(0.06):
        m.say(issues.ReferIssue(to="water-company", reason="属供水管网。"), m.branch)
        m.referred = True
        yield m.wait(days=3)
        m.form = "micro_topic"
    result = yield from deliberation.deliberated(m)
    if result == "deferred":
        yield m.wait(days=12)
        result = yield from deliberation.session_again(m)
    if result == "adopted":
        if not m.referred:
            yield from handling.items_done(m)
        yield from handling.reported(m, "已按决议落实。")
        yield from handling.closed(m, "partly_resolved" if m.often(0.1) else "resolved")
    elif result == "rejected":
        yield m.wait(days=2)
        yield from handling.closed(m, "agreed_no_action" if m.often(0.7) else "not_feasible")
    elif result == "no_consensus":
        yield from mediation.mediated(m)


def _again(m: Matter) -> Generator[datetime, None, None]:
    """Reopened because it is not solved, or the wish is refused."""
    yield m.wait(days=m.chance.choice((3, 9)))
    m.say(issues.RequestReopen(reason="问题又出现了。", channel="app"), m.reporter)
    yield m.wait(days=1)
    if m.often(0.3):
        m.say(issues.RefuseReopen(reason="与原事项无关，请另行反映。"), m.branch)
        return
    m.say(issues.ReopenIssue(reason="情况属实。"), m.branch)
    m.referred = False
    m.form = "micro_topic"
    yield m.wait(days=1)
    yield from _decided(m)
    yield from handling.surveyed(m)
