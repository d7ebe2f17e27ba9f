"""Hours as they are asked for: a person's, and who carries the work."""

from datetime import timedelta

from contracts import matching as c
from services.matching.serving.ledger import show_hours, show_workload
from tests.matching import counter
from tests.matching.test_serving import DUAL, RULES, agreed, come, lin
from tests.talk import Talk, names


def accompanied() -> Talk:
    """p-7, a social worker, led for 90 minutes; p-5 assisted for 60, of which 15 were too many."""
    talk = counter.offer(**RULES)
    lin(talk)
    counter.staffing(talk, **DUAL)
    agreed(talk, "p-7", duty="lead")
    agreed(talk, "p-5")
    talk.now = counter.STARTS
    assert come(talk, "p-7") == ["ServiceStarted"] and come(talk, "p-5") == ["PersonCheckedIn"]
    talk.now += timedelta(minutes=60)
    talk.say(c.CheckOut(channel="app"), "order-1", by="p-5")
    talk.now += timedelta(minutes=30)
    talk.say(c.CheckOut(channel="app"), "order-1", by="p-7")
    talk.say(c.ReportDone(minutes=90, note="看完病了"), "order-1", by="p-rep")
    fixing = c.CorrectHours(kind="service", minutes=45, reason="迟到")
    talk.say(fixing, "order-1-p-5", by="p-rep", role="organisation")
    return talk


def test_a_certificate_counts_what_stands_and_shows_every_line() -> None:
    talk = accompanied()
    talk.say(c.EnterHours(kind="travel", minutes=20, note="x"), "order-1-p-5", by="p-rep")

    shown = show_hours(c.ShowHours(person="p-5"), talk.s)

    assert (shown.minutes, shown.tasks, shown.strikes) == (65, 1, 0)
    assert [(one.kind, one.minutes, one.name) for one in shown.by_organisation] == [
        ("service", 45, "邻里互助社"), ("travel", 20, "邻里互助社"),
    ]  # fmt: skip
    assert sorted(line.minutes for line in shown.lines) == [-60, 20, 45, 60]
    before = c.ShowHours(person="p-5", until=counter.STARTS)
    assert show_hours(before, talk.s).minutes == 0 and show_hours(c.ShowHours(person="p-8"), talk.s).lines == []


def test_the_gap_that_volunteers_fill() -> None:
    talk = accompanied()

    of_one, all_ = show_workload(c.ShowWorkload(), talk.s).workload

    assert (of_one.organisation, of_one.people, of_one.lead, of_one.assist) == ("org-1", 2, 90, 45)
    assert (all_.organisation, all_.filled) == ("all", 333)
    elsewhere = show_workload(c.ShowWorkload(community="elsewhere"), talk.s).workload
    assert [(one.organisation, one.lead, one.filled) for one in elsewhere] == [("all", 0, 0)]
    assert len(show_workload(c.ShowWorkload(community="yuanbu"), talk.s).workload) == 2


def test_a_service_that_nobody_led_is_the_volunteers() -> None:
    talk = counter.offer(**RULES)
    assert names(counter.done(talk)) == ["ServiceCompleted", "HoursEntered"]

    assert show_workload(c.ShowWorkload(), talk.s).workload[-1].filled == 1000
