"""Cases that other systems report become issues, one issue per case number of a system (domain.md §2.5)."""

from sqlalchemy.orm import Mapped, Session, mapped_column

from microgov.contracts.issues import HazardDetected, HotlineCaseLogged, IssueSubmitted
from microgov.contracts.matching import SafetyObserved
from microgov.contracts.message import Envelope
from microgov.contracts.rules import IssueRules
from microgov.services.chassis.model import Refused, Said
from microgov.services.chassis.reference_data import check_within, rules
from microgov.services.issues.issue.issue import Issue
from microgov.services.issues.model import Base, Place, Rule


class External(Base):
    """The issue that a case (`number`) of another system (`system`) has become."""

    __tablename__ = "external"
    system: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    issue: Mapped[str]

    @classmethod
    def take_over(cls, m: Envelope[HotlineCaseLogged] | Envelope[HazardDetected], s: Session) -> list[Said]:
        """Creates an issue from the case; it is accepted at once if its channel is in `issues.staff_channels`."""
        d, issue_rules = m.data, rules(s, Rule, IssueRules)
        check_within(s, Place, d.place, m, "data.place")
        known = s.get(cls, (d.ref.system, d.ref.number))
        if known is not None:
            raise Refused(
                "known_number",
                f"{d.ref.system} 的 {d.ref.number} 号已是事项 {known.issue}，不再另立。请关注该事项。",
                f"The number {d.ref.number} of {d.ref.system} is the issue {known.issue} already. Follow that one.",
                "data.ref.number",
            )
        reporter, channel = (
            (d.person or m.authid, "hotline") if isinstance(d, HotlineCaseLogged) else (m.authid, "sensor")
        )
        brought = IssueSubmitted(
            title=d.title, place=d.place, channel=channel, reporter=reporter, external=d.ref
        )
        said = Issue.begin(m.subject, brought, d.text, channel in issue_rules.staff_channels, m, s)
        s.add(cls(system=d.ref.system, number=d.ref.number, issue=m.subject))
        return said


def observed(m: Envelope[SafetyObserved], s: Session) -> list[Said]:
    """Creates an issue from what a care team has observed 群防群治, with the id that matching has chosen; staff still
    have to accept it. Does nothing if the id is taken or the place is unknown.
    """
    d = m.data
    if s.get(Issue, d.issue) is not None or s.get(Place, d.place) is None:
        return []
    brought = IssueSubmitted(title=d.title, place=d.place, channel=d.channel, reporter=d.person)
    return Issue.begin(d.issue, brought, d.text, False, m, s)
