"""Ballots: open or secret, one option or each, with people who change their mind, retract, or come too late."""

from collections.abc import Generator
from datetime import datetime, timedelta

from bench.year import fumbles
from bench.year.fumbles import fumble
from bench.year.matter import Matter
from bench.year.proportions import EACH, SECRET
from bench.year.town import TENANT, Community, Person
from microgov.contracts import issues
from microgov.services.issues.deliberation.ballots import sealing
from microgov.testing.deployment.teller import sealed

STANCES = ("agree", "disagree", "pass")
CLASSES = ("respected_local", "entrepreneur", "volunteer_backbone")


def seats(community: Community) -> list[Person]:
    """Those who get a seat in the community's council, in the order of the seats."""
    return [one for compound in community.compounds for name in CLASSES for one in compound.people[name]]


def members(community: Community) -> list[Person]:
    """Members of the council who have their seat all year: the first two lose it (standing.py)."""
    return seats(community)[2:]


def ballot(
    m: Matter, session: str, options: list[str], closes: datetime, people: list[Person] | None = None
) -> Generator[datetime, None, tuple[list[Person], bool]]:
    """Opens a ballot and lets people vote until it closes. Without `people` it is online, and neighbours vote on several
    days. Returns who has voted, and whether the first option was carried.
    """
    id, online = f"{session}-b", people is None
    secret = online and m.often(SECRET)
    kind = "each" if m.often(EACH) else "one_of"
    opened = issues.OpenBallot.model_validate(
        {"session": session, "kind": kind, "closes_at": closes, "secret": secret}
    )
    m.say(opened, m.branch, id)
    if online:
        yield m.wait(days=1)
        if m.year.state("issues", "ballot", id) is None:
            return [], False  # something went wrong, and nobody votes
    voters = m.neighbours(m.chance.choice((2, 5, 6, 8, 10, 14))) if people is None else people
    for n, voter in enumerate(voters):
        if online and n % 5 == 4:
            yield max(m.year.now, min(m.wait(hours=20), closes - timedelta(minutes=5)))
        _vote(m, id, kind, secret, options, voter, n)
        if n == 1:
            fumble(m, fumbles.of_ballot(m, id, kind, secret, options, voter))
    if voters and online and m.often(0.1):
        _retract(m, id, kind, secret, options, voters[-1])
        _vote(m, id, kind, secret, options, voters[-1], len(voters))
    yield max(closes, m.year.now) + timedelta(minutes=m.chance.randint(1, 300) if online else 10)
    if online and m.often(0.15):
        late = m.chance.choice(m.compound.residents)
        _vote(m, id, kind, secret, options, late, 0)  # refused: too late
    return voters, len(voters) >= 3


def _choice(m: Matter, n: int) -> int:
    """Which option a person is for: mostly the first, so that most ballots have a result."""
    return 0 if n < 2 or m.often(0.75) else 1


def _vote(m: Matter, id: str, kind: str, secret: bool, options: list[str], voter: Person, n: int) -> None:
    if secret:
        return _sealed_vote(m, id, kind, options, voter, n)
    if kind == "one_of":
        chosen = options[_choice(m, n)]
        _cast(m, id, voter, chosen, "agree", None)
        return None
    for k, option in enumerate(options[:3]):
        stance = "agree" if k == 0 and (n < 2 or m.often(0.8)) else m.chance.choice(STANCES)
        _cast(m, id, voter, option, stance, option)
    return None


def _cast(m: Matter, id: str, voter: Person, chosen: str, stance: str, option: str | None) -> None:
    choice = {"kind": "open", "option": chosen, "stance": stance}
    by_hand = m.often(0.07)
    vote = issues.CastVote.model_validate(
        {"choice": choice, "option": option, "channel": "visit" if by_hand else "app"}
    )
    if by_hand:
        m.say(vote, m.social, id, whom=voter)
    else:
        m.say(vote, voter, id)


def _sealed_vote(m: Matter, id: str, kind: str, options: list[str], voter: Person, n: int) -> None:
    if kind == "one_of":
        text = sealing.one_of(options[_choice(m, n)])
    else:
        stances = {
            option: "agree" if k == 0 else m.chance.choice(STANCES) for k, option in enumerate(options)
        }
        text = sealing.each(options, stances)
    if m.often(0.02):
        text = b"{}"  # counted as spoiled
    choice = sealed(TENANT, id, voter.id, text, sealing.length_of(kind, options), n)
    m.say(issues.CastVote(choice=choice, channel="app"), voter, id)


def _retract(m: Matter, id: str, kind: str, secret: bool, options: list[str], voter: Person) -> None:
    option = options[0] if kind == "each" and not secret else None
    m.say(issues.RetractVote(option=option, channel="app"), voter, id)
