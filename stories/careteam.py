"""128联户, the care team: its observations become issues; the landlord moves away and is replaced (domain.md §3.2)."""

from datetime import datetime, timedelta

from microgov.contracts import directory, issues, matching
from microgov.contracts.fields import Role
from microgov.contracts.ids import message_id, outside_id
from microgov.stories.story import OFFICE, Neighbour, Story
from microgov.text.sentences import Sentence

PEOPLE = (
    Neighbour("branch", "branch", "office", "党支部老周", "Zhou of the party branch"),
    Neighbour("shen", "party_member", "h1", "党员沈师傅", "Shen, a party member"),
    Neighbour("fang", "dasao", "h2", "工农大嫂方姐", "Fang, a dasao"),
    Neighbour("pan", "landlord", "h3", "房东老潘", "Pan, a landlord"),
    Neighbour("ding", "landlord", "h4", "房东老丁", "Ding, another landlord"),
    Neighbour("tang", "resident", "h5", "新居民小唐", "Tang, new here"),
    Neighbour("luo", "resident", "h6", "新居民小罗", "Luo, new here"),
)


def careteam(prefix: str, start: datetime, tenant: str) -> Story:
    """Builds the story, whose ids begin with `prefix`; it begins at `start` and takes a month."""
    story = Story("careteam", Sentence("联户组的故事", "The story of the care team"), prefix)
    story.set_up_neighbourhood(tenant, PEOPLE)
    _formed(story)
    charging = _observation_recorded(story, tenant)
    _moved_away(story, start)
    community = story.id("community")
    story.next_commands = [
        f"show care-team {story.id('team')}",
        f"show issue {charging}",
        f"list issues --community {community}",
    ]
    return story


def _fill_role(
    s: Story, zh: str, en: str, role: matching.CareRole, person: str, refused: str | None = None
) -> None:
    s.say(zh, en, matching.FillCareRole(role=role, person=s.id(person)), "team", "branch", refused=refused)


def _formed(s: Story) -> None:
    forming = matching.FormCareTeam(place=s.id("yuan"), name="南门联户组")
    s.say("党支部组建联户组。", "The branch forms a care team.", forming, "team", "branch")
    _fill_role(s, "沈师傅是党员。", "Shen is its party member.", "party_member", "shen")
    _fill_role(
        s, "沈师傅不是房东：被拒绝。", "Shen is no landlord: refused.", "landlord", "shen", "not_of_the_role"
    )
    _fill_role(s, "方姐是工农大嫂。", "Fang is its dasao.", "dasao", "fang")
    _fill_role(s, "老潘是房东。", "Pan is its landlord.", "landlord", "pan")
    joined = matching.JoinCareTeam(person=s.id("tang"))
    s.say(
        "小唐一户加入：联户组开始运行。",
        "Tang's household joins: the team is active.",
        joined,
        "team",
        "branch",
    )
    s.say(
        "小罗一户也加入。",
        "Luo's joins as well.",
        matching.JoinCareTeam(person=s.id("luo")),
        "team",
        "branch",
    )
    s.say(
        "一户只能入一组：被拒绝。",
        "A household is in one team: refused.",
        joined,
        "team",
        "branch",
        refused="in_a_team",
    )


def _observation_recorded(s: Story, tenant: str) -> str:
    """An observation becomes an issue, which is handled; returns the id of the issue."""
    seen = matching.RecordObservation(
        title="楼道电动车充电", text="二楼楼道有人拉线给电动车充电。", place=s.id("yuan"), channel="visit"
    )
    sent = s.say(
        "方姐看到隐患：成为一件事项。",
        "Fang has seen something unsafe: it becomes an issue.",
        seen,
        "team",
        "fang",
    )
    issue = str(message_id(outside_id(tenant, "cli", sent), "observation"))
    accept, crew = (
        issues.AcceptIssue(),
        issues.DispatchEmergency(owner=s.id("watch"), action="当场断电，清出楼道。"),
    )
    s.say("老周受理。", "Zhou accepts it.", accept, issue, "branch", exact_subject=True, when_idle=True)
    s.say(
        "会着火：先处置，事后再议。",
        "It could burn: first it is dealt with.",
        crew,
        issue,
        "branch",
        exact_subject=True,
    )
    done = issues.ReportResult(text="线已拆，车已移到车棚。")
    s.say("方姐得到答复。", "Fang is told what was done.", done, issue, "branch", exact_subject=True)
    return issue


def _moved_away(s: Story, start: datetime) -> None:
    s.wait("三周后。", "Three weeks later.", start + timedelta(days=21))
    gone = directory.RevokeRole(role=Role.LANDLORD, place=s.id("yuan"))
    s.say(
        "老潘卖了房搬走，街道办收回房东身份：联户组缺角色。",
        "Pan has sold and moved away; the office takes the role back.",
        gone,
        "pan",
        OFFICE,
    )
    s.say(
        "没有房东也照样上报。",
        "What is unsafe is reported all the same.",
        matching.RecordObservation(
            title="井盖松动", text="南门口井盖翘起。", place=s.id("yuan"), channel="app"
        ),
        "team",
        "tang",
        when_idle=True,
    )
    s.wait("又过一周。", "Another week later.", start + timedelta(days=28))
    _fill_role(
        s,
        "老丁接任房东：又齐了。",
        "Ding takes over as the landlord: it is complete again.",
        "landlord",
        "ding",
    )
    left = matching.LeaveCareTeam(person=s.id("luo"), reason="搬到别的小区")
    s.say("小罗一户搬走，退出。", "Luo's household moves away and leaves.", left, "team", "branch")
