"""The words that people read in place of the codes in messages, by field and value, in Chinese and English (domain.md
§1–3).
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

Term = tuple[str, str]
"""The word for a code, in Chinese and English.

Sentences of messages are `microgov.contracts.fields.Words`, printed ones `microgov.text.sentences.Sentence`.
"""

ROLES: Mapping[str, Term] = {
    "resident": ("居民", "resident"),
    "landlord": ("房东", "landlord"),
    "stairwell_captain": ("楼道长", "stairwell captain"),
    "delegate": ("议事代表", "delegate"),
    "respected_local": ("乡贤", "respected local"),
    "entrepreneur": ("企业家", "entrepreneur"),
    "volunteer_backbone": ("优秀志愿者骨干", "leading volunteer"),
    "dasao": ("工农大嫂", "dasao"),
    "volunteer": ("义工", "volunteer"),
    "social_worker": ("社工", "social worker"),
    "party_member": ("党员", "party member"),
    "branch": ("社区党组织", "party branch"),
    "womens_federation": ("妇联", "women's federation"),
    "liaison_station": ("人大代表联络站", "liaison station"),
    "property_company": ("物业", "property company"),
    "developer": ("开发商", "developer"),
    "organisation": ("社会组织", "organisation"),
    "enterprise": ("企业", "enterprise"),
    "university": ("高校", "university"),
    "office": ("街道办", "office"),
    "auditor": ("审计", "auditor"),
    "operator": ("运维", "operator"),
    "system": ("系统", "system"),
}
STAGES: Mapping[str, Term] = {
    "applying": ("申请入孵", "applying"),
    "incubating": ("在孵", "incubating"),
    "active": ("运行中", "active"),
    "dormant": ("休眠", "dormant"),
    "closed": ("已注销", "closed"),
}
FORMS: Mapping[str, Term] = {
    "micro_topic": ("微议题", "online micro-topic"),
    "stairwell_forum": ("楼道长座谈", "stairwell forum"),
    "residents_council": ("居民议事会", "residents' council"),
    "party_masses": ("党群连心议事", "party and masses' council"),
    "consultative_council": ("议事协商会", "consultative council"),
    "round_table": ("圆桌议事会", "round table"),
}
STATES: Mapping[str, Term] = {
    "submitted": ("已提交", "submitted"),
    "accepted": ("已受理", "accepted"),
    "declined": ("不予受理", "declined"),
    "triaged": ("已研判", "triaged"),
    "routed": ("已派单", "routed"),
    "deliberating": ("议事中", "being deliberated"),
    "referred": ("已转办", "referred"),
    "in_mediation": ("调解中", "in mediation"),
    "in_action": ("落实中", "in action"),
    "reported": ("已反馈", "reported"),
    "closed": ("已办结", "closed"),
    "on_hold": ("已挂起", "on hold"),
    "withdrawn": ("已撤回", "withdrawn"),
}
CLOCKS: Mapping[str, Term] = {
    "dispatch": ("派单", "dispatch"),
    "first_contact": ("首次联系", "first contact"),
    "report_back": ("结果反馈", "report back"),
    "deliberation_due": ("补议", "deliberation due"),
}
DEADLINES: Mapping[str, Term] = {
    **CLOCKS,
    "ballot": ("表决截止", "end of the ballot"),
    "review": ("挂起复核", "review of the hold"),
    "re_review": ("暂不可行复议", "review of what was not feasible"),
    "round_table": ("圆桌议事会", "round table"),
    "term": ("任期", "end of a term"),
    "mediation": ("调解期限", "end of the mediation"),
    "assignment": ("接单答复", "answer of the organisation"),
    "proposal": ("邀约答复", "answer of the person"),
    "rating": ("评单", "rating"),
    "care_role": ("联户角色到期", "end of a role"),
    "retry": ("重新投递", "another delivery"),
}
KINDS: Mapping[str, Term] = {
    **FORMS,
    **DEADLINES,
    "household": ("户", "household"),
    "enterprise": ("企业", "enterprise"),
    "service": ("服务", "service"),
    "travel": ("路途", "travel"),
    "training": ("培训", "training"),
}

TERMS: Mapping[str, Mapping[str, Term]] = {
    "role": ROLES,
    "stage": STAGES,
    "before": STAGES,
    "form": FORMS,
    "kind": KINDS,
    "scale": {"small": ("小事", "small"), "large": ("大事", "large")},
    "urgency": {
        "emergency": ("突发", "an emergency"),
        "urgent": ("紧急", "urgent"),
        "ordinary": ("一般", "ordinary"),
    },
    "reach": {
        "household": ("户内", "household"),
        "stairwell": ("楼道", "stairwell"),
        "compound": ("小区", "compound"),
        "community": ("社区", "community"),
        "sub_district": ("街道", "sub-district"),
    },
    "clock": CLOCKS,
    "state": STATES,
    "outcome": {
        "resolved": ("已解决", "resolved"),
        "partly_resolved": ("部分解决", "partly resolved"),
        "agreed_no_action": ("议定不办", "agreed: no action"),
        "mediated": ("调解解决", "mediated"),
        "referred_accepted": ("转办已接", "referred and accepted"),
        "self_resolved": ("自行解决", "settled by itself"),
        "not_feasible": ("暂不可行", "not feasible now"),
    },
    "ground": {
        "abuse": ("滥用", "abuse"),
        "no_content": ("无实际内容", "no content"),
        "before_court": ("已进入诉讼", "before a court"),
        "duplicate": ("重复", "a duplicate"),
        "unlawful": ("不合法", "unlawful"),
        "not_concrete": ("不具体", "not concrete"),
    },
    "result": {
        "adopted": ("通过", "adopted"),
        "rejected": ("否决", "rejected"),
        "no_consensus": ("未达成共识", "no consensus"),
        "settled": ("达成协议", "settled"),
        "failed": ("未成", "failed"),
        "lapsed": ("过期", "lapsed"),
        "no_answer": ("无人应答", "no answer"),
        "refused": ("谢绝", "refused"),
    },
    "reason": {"no_show": ("爽约", "did not come"), "late_drop_out": ("临时退出", "dropped out late")},
    "stance": {"agree": ("同意", "agree"), "disagree": ("不同意", "disagree"), "pass": ("弃权", "pass")},
    "status": {"filed": ("备案", "filed"), "registered": ("登记", "registered")},
    "duty": {"lead": ("牵头", "lead"), "assist": ("协助", "assist")},
    "why": {
        "visit": ("走访", "a visit"),
        "service": ("服务", "a service"),
        "care": ("关爱", "care"),
        "correction": ("更正", "a correction"),
        "withdrawn_consent": ("撤回同意", "consent withdrawn"),
        "retention": ("保存期满", "kept long enough"),
    },
}
"""A field that is not listed is shown as it is: its values are names from the tenant's rules or from other systems."""


YES: Mapping[bool, Term] = {True: ("是", "yes"), False: ("否", "no")}


def display_value(field: str, value: Any, language: int, offset: timedelta = timedelta(0)) -> Any:
    """A field of a message in JSON as people read it: the term for a code, yes or no, a time to the minute.

    `offset` is local time minus UTC. Any other value is returned as it is.
    """
    if isinstance(value, bool):
        return YES[value][language]
    if not isinstance(value, str):
        return value
    time = time_in(value)
    return term(field, value, language) if time is None else hour(time, offset)


def hour(time: datetime, offset: timedelta = timedelta(0)) -> str:
    """A time to the minute, in local time; in UTC if local time would leave the years 1 to 9999.

    `offset` is local time minus UTC.
    """
    with suppress(OverflowError):  # a log may hold the years 1 and 9999
        time += offset
    return time.isoformat(" ", "minutes")[:16]


def time_in(text: str) -> datetime | None:
    """The time that a JSON text holds; None if it holds none."""
    if not (text.endswith("Z") and text[10:11] == "T"):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # text that a person wrote
        return None


def term(field: str, value: str, language: int) -> str:
    """The word for the value of a field; an unknown value is returned as it is.

    `language` is 0 for Chinese, 1 for English.
    """
    found = TERMS.get(field, {}).get(value)
    return value if found is None else found[language]
