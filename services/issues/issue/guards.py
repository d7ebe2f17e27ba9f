"""The guards (conditions) of an issue's transitions (domain.md §2.2)."""

from microgov.contracts.issues.vocabulary import FORMS
from microgov.services.chassis.model import Guard
from microgov.services.issues.issue.handling import Handling
from microgov.services.issues.mediation.mediation import Mediation

DELIBERATION_RECORDED = Guard(
    "no_deliberation_record",
    "大事小事突发事，事事都议：这件事还没有议事记录，不能办结。请先开启议事，确认会议记录，形成决议。",
    "Every matter is deliberated, great, small or sudden: this issue has no deliberation record and cannot be closed. "
    "Open a deliberation and bring it to a resolution first.",
    lambda issue, m, s: issue.records > 0,
)
NO_OPEN_ITEMS = Guard(
    "action_items_open",
    "决议的落实事项尚未全部核实，不能办结。请先完成并由他人核实每一项。",
    "Action items of the resolution are not verified, so the issue cannot be closed. Have each verified first.",
    lambda issue, m, s: issue.open_items == 0,
)
RESULT_DELIVERED = Guard(
    "result_not_delivered",
    "结果尚未反馈到每一位反映人和附议人，不能办结。请等待送达，或登记上门联系。",
    "The result has not reached the reporter and every co-signer, so the issue cannot be closed. "
    "Wait for the delivery, or log a personal visit.",
    lambda issue, m, s: issue.untold == 0,
)
REVIEW_DATE_GIVEN = Guard(
    "review_date_missing",
    "结果为“暂不可行”时须写明复议日期。请补充 review_at。",
    "An issue that is not feasible is looked at again: name the day of its re-review.",
    lambda issue, m, s: m.data.outcome != "not_feasible" or m.data.review_at is not None,
    "data.review_at",
)
FORM_KNOWN = Guard(
    "unknown_form",
    f"没有这种议事形式。可用：{'、'.join(sorted(FORMS))}。",
    f"There is no such form of deliberation. It can be: {', '.join(sorted(FORMS))}.",
    lambda issue, m, s: m.data.form in FORMS,
    "data.form",
)
SURVEY_RUNNING = Guard(
    "survey_over",
    "回访期已过，不能再回答。如问题仍在，请提出重办。",
    "The survey on this issue is over. If the matter goes on, ask for it to be reopened.",
    lambda issue, m, s: issue.survey_until is None or m.recordedtime < issue.survey_until,
)
NOT_APPEALED_BEFORE = Guard(
    "already_appealed",
    "每件事只能申诉一次。如有新情况，请重新反映。",
    "An issue is appealed once. Submit it again if there is something new.",
    lambda issue, m, s: not Handling.peek(issue.id, s).appealed,
)
BY_ANOTHER_PERSON = Guard(
    "decided_before",
    "这件事是您不予受理的，申诉须由另一人决定。请转交他人。",
    "You declined this issue; another person decides on the appeal. Hand it over.",
    lambda issue, m, s: Handling.peek(issue.id, s).declined_by != m.authid,
    "authid",
)
REOPENING_REQUESTED = Guard(
    "reopen_not_requested",
    "没有人请求重办这件事。请先由有关的人提出请求。",
    "Nobody has asked to reopen this issue. Somebody concerned asks first.",
    lambda issue, m, s: Handling.peek(issue.id, s).reopen_asked,
)
MAY_BE_EMERGENCY = Guard(
    "not_an_emergency",
    "研判结果不是突发事，不能先行处置。请先派单或进入议事。",
    "It was triaged, and not as an emergency, so nobody acts before it is deliberated. Route it or open a deliberation.",
    lambda issue, m, s: issue.urgency in (None, "emergency"),
)
DELIBERATION_NOT_ON_HOLD = Guard(
    "deliberation_on_hold",
    "这件事在议事中被挂起。请先恢复办理，再议。",
    "The issue was put on hold while it was deliberated. Resume it first.",
    lambda issue, m, s: issue.state != "on_hold" or Handling.peek(issue.id, s).held_from != "deliberating",
)
NO_MEDIATION_UNDER_WAY = Guard(
    "mediation_open",
    "调解尚未达成协议，不能反馈结果。请等调解结束。",
    "The mediation has no settlement yet, so there is no result to report. Wait until it has ended.",
    lambda issue, m, s: not Mediation.under_way(issue.id, s),
)
