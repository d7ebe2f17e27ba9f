"""The day of the haircut fair 理发便民日: who serves whom, and the services themselves (domain.md §3)."""

from datetime import datetime

from microgov.contracts import matching
from microgov.stories.fair_slots import begins_at, orders_by_slot
from microgov.stories.story import Story


def barbers_asked(s: Story, start: datetime) -> dict[str, list[int]]:
    """Every order of a slot gets a barber of its own; returns the orders by slot."""
    served = orders_by_slot(start)
    for slot, orders in served.items():
        for at, n in enumerate(orders):
            s.say("理发社接单。", "The society takes it on.", matching.AcceptAssignment(), f"o{n}", "rep")
            if (slot, at) == ("s01", 0):
                unfit = matching.ProposePerson(order=s.id(f"o{n}"), person=s.id("helper"))
                s.say(
                    "小何没有健康证，不能上岗。",
                    "He has no health certificate: refused.",
                    unfit,
                    "unfit",
                    "rep",
                    refused="not_qualified",
                )
            asking = matching.ProposePerson(order=s.id(f"o{n}"), person=s.id(f"barber{at + 1}"))
            s.say("邀请理发师。", "A barber is asked.", asking, f"a{n}", "rep")
            s.say(
                "同意。",
                "The answer is yes.",
                matching.AcceptProposal(channel="app"),
                f"a{n}",
                f"barber{at + 1}",
            )
    return served


def fair_day(s: Story, start: datetime, served: dict[str, list[int]]) -> None:
    """The barbers check in and serve slot after slot; one order of each slot is rated."""
    for slot, orders in served.items():
        begins = begins_at(slot, start)
        s.wait(f"时段 {slot} 开始。", f"The slot {slot} begins.", begins)
        for at, n in enumerate(orders):
            s.say(
                "理发师签到。",
                "The barber is there.",
                matching.CheckIn(channel="app"),
                f"o{n}",
                f"barber{at + 1}",
            )
            done = matching.ReportDone(minutes=25, note="理好了")
            s.say("理好了。", "Done.", done, f"o{n}", "rep")
        rating = matching.RateOrder(stars=5, text="精神多了", channel="app")
        s.say(
            "一位评单：五星。", "One of them rates it: five stars.", rating, f"o{orders[0]}", f"p{orders[0]}"
        )
