"""微心愿, a wish that nobody can fulfil: three attempts, the reason, and the notice to the beneficiary (domain.md §3.2)."""

from datetime import datetime, timedelta

from microgov.contracts import matching
from microgov.stories.order_steps import accept_order, assign_order, put_on_file
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("menders", "organisation", "office", "修理社的孙社长", "Sun of the menders"),
    Neighbour("watchmakers", "organisation", "office", "钟表社的吴社长", "Wu of the watchmakers"),
    Neighbour("qi", "resident", "h1", "戚大爷", "Old Qi"),
)


def wish(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes a week."""
    s = Story("wish", Sentence("微心愿的故事", "The story of the wish"), prefix)
    s.set_up_neighbourhood(tenant, PEOPLE)
    put_on_file(
        s, "修理社备案。", "The menders are put on file.", "society-1", "东湖修理社", "repair", "menders"
    )
    put_on_file(
        s, "钟表社备案。", "The watchmakers, too.", "society-2", "东湖钟表社", "repair", "watchmakers"
    )
    _three_assignments(s, start)
    _failed(s)
    s.next_commands = [f"show order {s.id('clock')}", f"inbox {s.id('qi')}"]
    return s


def _three_assignments(s: Story, start: datetime) -> None:
    wanted = matching.PlaceOrder(text="想修好老伴留下的座钟", channel="phone")
    s.say("戚大爷许了一个微心愿。", "Old Qi has a wish.", wanted, "clock", "qi")
    accept_order(s, "clock", "合理")
    assign_order(s, "先下给修理社。", "First it goes to the menders.", "clock", "society-1", "就近")
    no = matching.DeclineAssignment(reason="不修钟表")
    s.say("修理社不修钟：退回党支部。", "They mend no clocks: back to the branch.", no, "clock", "menders")
    assign_order(s, "再下给钟表社。", "Then to the watchmakers.", "clock", "society-2", "专长相符")
    s.wait(
        "三天没有答复：过期，退回。",
        "No answer for three days: it has expired, back to the branch.",
        start + timedelta(days=3),
    )
    assign_order(
        s, "问清楚后重新下单。", "They are spoken to, and have it again.", "clock", "society-2", "已电话确认"
    )


def _failed(s: Story) -> None:
    s.say(
        "钟表社接单，拆开看。",
        "They take it on and open it.",
        matching.AcceptAssignment(),
        "clock",
        "watchmakers",
    )
    over = matching.FailOrder(reason="机芯断裂，已停产，没有零件")
    s.say(
        "修不好：如实告诉戚大爷，写明原因。",
        "It cannot be mended: he is told so, and why.",
        over,
        "clock",
        "watchmakers",
    )
