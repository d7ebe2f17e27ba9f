"""The drain 下水道: an issue with every detour: declined, appealed, returned three times, on hold (domain.md §2.2)."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.stories.story import Neighbour, Story
from microgov.text.sentences import Sentence

PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("deputy", "branch", "office", "副书记老孙", "Sun, the deputy secretary"),
    Neighbour("company", "property_company", "h9", "物业小吴", "Wu of the property company"),
    Neighbour("li", "resident", "h2", "李师傅", "Master Li"),
    Neighbour("zhang", "resident", "h3", "张女士", "Ms Zhang", "en"),
    Neighbour("zhao", "resident", "h4", "赵先生", "Mr Zhao"),
)


def drain(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes three weeks."""
    story = Story("drain", Sentence("下水道的故事", "The story of the drain"), prefix)
    story.set_up_neighbourhood(tenant, PEOPLE)
    _appealed(story)
    _returned(story)
    _put_on_hold(story, start)
    _passed_on(story)
    story.next_commands = [
        f"show issue {story.id('drain')}",
        f"inbox {story.id('zhang')}",
        f"tail --entity {story.id('drain')}",
    ]
    return story


def _appealed(s: Story) -> None:
    smell = issues.SubmitIssue(title="楼下有味道", text="有味道。", place=s.id("yuan"), channel="app")
    decline = issues.DeclineIssue(ground="no_content", reason="没有写明地点和情况。")
    appeal = issues.AppealDecline(reason="二号楼下水道井盖处，雨后返水，有照片。", channel="app")
    s.say(
        "李师傅反映：楼下有味道。",
        "Master Li brings it up: there is a smell downstairs.",
        smell,
        "drain",
        "li",
    )
    s.say("老周不予受理：内容太少。", "Zhou declines: there is nothing to go by.", decline, "drain", "branch")
    s.say("李师傅申诉，说明了情况。", "Master Li appeals, and says what it is about.", appeal, "drain", "li")
    s.say(
        "不予受理的人不能自己决定申诉。",
        "Who declined does not decide on the appeal.",
        issues.AcceptIssue(),
        "drain",
        "branch",
        refused="decided_before",
    )
    s.say(
        "副书记老孙受理。", "Sun, the deputy secretary, accepts it.", issues.AcceptIssue(), "drain", "deputy"
    )


def _returned(s: Story) -> None:
    triage = issues.TriageIssue(
        theme="drainage", scale="large", urgency="urgent", reach="compound", form="micro_topic"
    )
    s.say(
        "研判：大事，紧急，小区范围。", "Triaged: large, urgent, the compound's.", triage, "drain", "deputy"
    )
    for name, zh, en in (
        ("zhang", "张女士附议。", "Ms Zhang co-signs."),
        ("zhao", "赵先生附议。", "Mr Zhao co-signs."),
    ):
        s.say(zh, en, issues.CosignIssue(channel="app"), "drain", name)
    for zh, en in (
        ("不在物业合同内。", "It is not in the company's contract."),
        ("管道是市政的。", "The pipe is the city's."),
        ("没有经费。", "There is no money for it."),
    ):
        s.say(
            "派单给物业。",
            "Routed to the property company.",
            issues.RouteIssue(owner=s.id("property"), rule="排水 → 物业"),
            "drain",
            "deputy",
        )
        s.say(
            f"物业退单：{zh}",
            f"The company returns it: {en}",
            issues.ReturnIssue(reason=zh),
            "drain",
            "company",
        )


def _put_on_hold(s: Story, start: datetime) -> None:
    long = issues.SuspendIssue(reason="等市政排管图。", review_at=start + timedelta(days=200))
    hold = issues.SuspendIssue(reason="等市政排管图。", review_at=start + timedelta(days=20))
    s.say(
        "老孙想挂起两百天：最多九十天。",
        "Sun would put it on hold for 200 days; 90 is the most.",
        long,
        "drain",
        "deputy",
        refused="suspended_too_long",
    )
    s.say(
        "第三次退单已上提街道；等图纸，挂起二十天。",
        "The third return has put it on the sub-district's agenda. It waits for the city's plans, twenty days.",
        hold,
        "drain",
        "deputy",
    )
    s.wait(
        "二十天到，自动恢复。", "On the day of its review it goes on by itself.", start + timedelta(days=21)
    )


def _passed_on(s: Story) -> None:
    s.say(
        "李师傅搬走，撤回；张女士、赵先生还在，事情由张女士接着反映。",
        "Master Li moves away and withdraws. Others have co-signed: the issue is Ms Zhang's now.",
        issues.WithdrawIssue(channel="app"),
        "drain",
        "li",
    )
    s.say(
        "李师傅不再是反映人。",
        "It is not Master Li's to withdraw any more.",
        issues.WithdrawIssue(channel="app"),
        "drain",
        "li",
        refused="not_reporter",
    )
