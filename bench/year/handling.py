"""How an issue is handled around its deliberation: co-signed, routed, held, acted upon, reported, closed, surveyed."""

from collections.abc import Generator
from datetime import datetime, timedelta

from bench.year import fumbles
from bench.year.fumbles import fumble
from bench.year.matter import Matter
from microgov.contracts import issues
from microgov.contracts.ids import message_id

Steps = Generator[datetime, None, None]


def cosigned(m: Matter) -> Steps:
    """Neighbours join, now and then one twice or one who leaves again."""
    many = m.chance.choice((0, 0, 1, 2, 3, 3, 4, 6, 10))
    m.signers = [one for one in m.neighbours(many) if one.id != m.reporter.id]
    for n, person in enumerate(m.signers):
        if n % 4 == 3:
            yield m.wait(days=1)
        if m.often(0.1):
            m.say(issues.CosignIssue(channel="visit"), m.social, whom=person)
        else:
            m.say(issues.CosignIssue(channel="app"), person)
    if m.signers and m.often(0.08):
        m.say(issues.WithdrawCosign(channel="app"), m.signers.pop())


def withdrawn(m: Matter) -> Generator[datetime, None, bool]:
    """The reporter withdraws the issue. Returns whether that ends it: with co-signers it passes on to one of them."""
    yield m.wait(days=1)
    m.say(issues.WithdrawIssue(channel="app"), m.reporter)
    if not m.signers:
        return True
    m.reporter = m.signers[0]
    return False


def routed(m: Matter) -> Steps:
    """Routed by a rule or by hand, sometimes returned, sometimes held; the reporter is contacted, mostly in time."""
    yield m.wait(days=m.chance.choice((0, 1, 1, 2, 7)))
    if m.often(0.03):
        review = m.year.now + timedelta(days=20)
        m.say(issues.SuspendIssue(reason="等待管线图纸。", review_at=review), m.branch)
        yield m.wait(days=m.chance.choice((5, 15)))
        m.say(issues.ResumeIssue(reason="图纸已到。"), m.branch)
    fumble(m, fumbles.of_handling(m))
    if m.theme != "lighting":
        m.say(issues.RouteIssue(owner="property-crew", rule="by_hand"), m.branch)
    for _ in range(3 if m.often(0.015) else 1 if m.often(0.06) else 0):
        yield m.wait(days=1)
        m.say(issues.ReturnIssue(reason="不在责任范围。"), m.community.staff["property_company"][0])
        yield m.wait(days=1)
        m.say(issues.RouteIssue(owner="renewal-crew", rule="by_hand"), m.branch)
    yield m.wait(days=m.chance.choice((0, 1, 2, 6)))
    contacted(m, m.reporter.id, m.often(0.9))
    if m.often(0.01):
        m.say(issues.EscalateIssue(reason="涉及多个部门。"), m.community.staff["liaison_station"][0])


def contacted(m: Matter, person: str, reached: bool) -> None:
    """Somebody has been to see a person."""
    seen = issues.ContactReporter(person=person, reached=reached, note="上门见了。", channel="visit")
    m.say(seen, m.social if m.often(0.7) else m.compound.people["dasao"][0])


def items_done(m: Matter) -> Steps:
    """Action items: claimed or assigned, done, and verified by somebody else; one in twenty goes on under a plan."""
    for n in range(m.chance.choice((1, 1, 2))):
        item = f"{m.id}-item{m.topics}-{n}"
        due = m.year.now + timedelta(days=m.chance.choice((7, 20, 40)))
        wanted = issues.ActionItem(text="整治到位", unit="metre", target=m.chance.randint(3, 60), due=due)
        m.say(issues.DefineActionItem(action=item, item=wanted), m.branch)
        yield from item_done(m, item, wanted.target)


def item_done(m: Matter, item: str, target: int, at_least: bool = False, in_time: bool = False) -> Steps:
    """One action item from its definition to its verification. `in_time`: it is done this year in any case."""
    doer = m.chance.choice(m.compound.neighbours)
    yield m.wait(days=m.chance.choice((0, 1, 2)))
    if m.year.state("issues", "action", item) is None:
        return  # there was no majority, and nothing is to be done
    if m.often(0.6):
        m.say(issues.ClaimActionItem(channel="app"), doer, item)
        if m.often(0.1):
            other = m.chance.choice(m.compound.residents)
            m.say(issues.ClaimActionItem(channel="app"), other, item)  # refused: it is claimed
        if m.often(0.1):
            doer = m.chance.choice(m.compound.neighbours)
            m.say(issues.AssignActionItem(person=doer.id), m.branch, item)  # the claim is over
    elif m.often(0.8):
        m.say(issues.AssignActionItem(person=doer.id), m.branch, item)
    else:
        doer = m.chance.choice(m.community.organisations).head if m.community.organisations else doer
        m.say(issues.AssignActionItem(person=doer.id), m.branch, item)
    if not in_time and m.often(0.05):
        m.say(issues.TrackActionItem(plan="plan-2027", reason="列入明年计划。"), m.branch, item)
        return
    yield m.wait(days=m.chance.choice((3, 6, 10, 25)))
    fumble(m, fumbles.of_action(m, item))
    done = issues.ReportActionDone(done=target, at_least=at_least, evidence="现场照片。", channel="app")
    m.say(done, doer, item)
    yield m.wait(days=1)
    seen = issues.VerifyActionItem(note="去看过。", channel="visit")
    if m.often(0.05) and doer.role in issues.VerifyActionItem.ROLES:
        m.say(seen, doer, item)  # refused: whoever did it does not verify it
    m.say(seen, m.social, item)


def reported(m: Matter, text: str) -> Steps:
    """The result is reported to all concerned."""
    yield m.wait(days=1)
    if m.state not in ("in_action", "referred", "in_mediation"):
        return  # held, withdrawn or still being talked about
    m.say(issues.ReportResult(text=text), m.branch)
    fumble(m, fumbles.of_result(m))
    yield m.wait(days=1)


def closed(m: Matter, outcome: str) -> Steps:
    """Whoever has not got the result is visited; then it is closed."""
    for person in (m.reporter, *m.signers):
        if m.often(0.15):
            contacted(m, person.id, m.often(0.95))
    yield m.wait(days=1)
    if m.state != "reported":
        return
    review = m.year.now + timedelta(days=60) if outcome == "not_feasible" else None
    if review is not None and m.often(0.2):
        m.say(
            issues.CloseIssue(outcome="not_feasible"), m.branch
        )  # refused: it is looked at again, and when?
    end = issues.CloseIssue.model_validate({"outcome": outcome, "review_at": review})
    m.say(end, m.branch)


def surveyed(m: Matter) -> Steps:
    """About half of those concerned answer the survey; some too late."""
    yield m.wait(days=m.chance.choice((1, 2, 3, 3, 5, 6, 7, 9, 16)))
    if m.state not in ("reported", "closed"):
        return
    for person in (m.reporter, *m.signers) if m.can_answer else m.signers:
        if m.often(0.5):
            solved = m.often(0.9)
            answer = issues.AnswerSurvey(
                contacted=m.often(0.95), solved=solved, satisfied=solved and m.often(0.9), channel="app"
            )
            m.say(answer, person)


def resolution_item(command_id: str, n: int) -> str:
    """The id of the n-th action item of a resolution."""
    return message_id(command_id, f"action/{n}")
