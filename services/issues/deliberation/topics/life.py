"""State machine of a topic 议题 as one table, with its guards (domain.md §2.3).

Two stages have no state of their own: a resolution is being carried out while its action items are open, and the minutes
are public once they are confirmed.
"""

from microgov.contracts.issues import (
    AdjournSession,
    AdmitTopic,
    AdoptResolution,
    BallotClosed,
    CallOffSession,
    ConsensusNotReached,
    ConveneSession,
    DeclareNoConsensus,
    DeferTopic,
    DeliberationOpened,
    EvaluateTopic,
    OpenDeliberation,
    OptionProposed,
    PlaceOnAgenda,
    ProposeOption,
    ProposeTopic,
    RefuseTopic,
    RejectTopic,
    ResolutionAdopted,
    SessionAdjourned,
    SessionCalledOff,
    SessionConvened,
    SessionInquorate,
    TopicAdmitted,
    TopicDeferred,
    TopicEvaluated,
    TopicPlacedOnAgenda,
    TopicProposed,
    TopicRefused,
    TopicRejected,
)
from microgov.services.chassis.model import SAME, Guard, Life, Transition, each
from microgov.services.issues.actions.action_item import Action

MOST_OPTIONS = 500

ROOM_FOR_OPTION = Guard(
    "too_many_options",
    f"一个议题最多 {MOST_OPTIONS} 个方案。请合并相近的方案。",
    f"A topic has {MOST_OPTIONS} options at most. Join those that are alike.",
    lambda topic, m, s: topic.options < MOST_OPTIONS,
)
HAS_OPTION = Guard(
    "no_options",
    "这个议题还没有任何方案，不能召集议事。请先提出至少一个方案。",
    "The topic has no option yet, so no session can be convened. Propose at least one option first.",
    lambda topic, m, s: topic.options > 0,
)
MINUTES_CONFIRMED = Guard(
    "minutes_not_confirmed",
    "会议记录尚未经到会者确认，不能形成决议。请先确认会议记录。",
    "The minutes are not confirmed by those present, so nothing can be resolved. Have the minutes confirmed first.",
    lambda topic, m, s: topic.minutes_confirmed,
)
QUORUM_MET = Guard(
    "quorum_not_met",
    "参加表决的人数未达到议事规则的法定人数，不能通过决议。请重新召集议事。",
    "Fewer people took part in the ballot than the rules of procedure require. Convene another session.",
    lambda topic, m, s: topic.quorum_met,
)

NOT_BY_PROPOSER = Guard(
    "same_person",
    "提议题的人不能自己筛选。请由他人筛选。",
    "Whoever proposed a topic does not screen it. Have somebody else do it.",
    lambda topic, m, s: topic.proposer not in (m.authid, m.beneficiary),
    "authid",
)
NOT_ON_AGENDA = Guard(
    "on_agenda",
    "这个议题已在街道议程上。",
    "The topic is on the sub-district's agenda already.",
    lambda topic, m, s: not topic.on_agenda,
)
ITEMS_SETTLED = Guard(
    "items_open",
    "决议的落实事项尚未全部核实，不能评估。请先核实。",
    "Action items of the resolution are not verified yet, so it cannot be evaluated. Have them verified first.",
    lambda topic, m, s: Action.all_settled(topic.id, s),
)
UNDECIDED = ("proposed", "scheduled", "deliberated", "deferred")

LIFE = Life(
    "topic",
    "议题",
    {
        "screening": ("待筛选", "waiting to be screened"),
        "refused": ("不予上会", "screened out"),
        "proposed": ("征集方案", "proposed"),
        "scheduled": ("已排期", "scheduled"),
        "deliberated": ("已议", "deliberated"),
        "adopted": ("已通过", "adopted"),
        "rejected": ("未通过", "rejected"),
        "no_consensus": ("未达成共识", "without consensus"),
        "deferred": ("暂缓再议", "deferred"),
        "evaluated": ("已评估", "evaluated"),
    },
    {
        (None, OpenDeliberation): Transition("proposed", DeliberationOpened),
        (None, ProposeTopic): Transition("screening", TopicProposed),
        ("screening", AdmitTopic): Transition("proposed", TopicAdmitted, (NOT_BY_PROPOSER,)),
        ("screening", RefuseTopic): Transition("refused", TopicRefused, (NOT_BY_PROPOSER,)),
        ("proposed", ProposeOption): Transition(SAME, OptionProposed, (ROOM_FOR_OPTION,)),
        ("proposed", ConveneSession): Transition("scheduled", SessionConvened, (HAS_OPTION,)),
        ("scheduled", "ballot"): Transition("deliberated", BallotClosed),
        ("scheduled", AdjournSession): Transition("deliberated", SessionAdjourned),
        ("scheduled", CallOffSession): Transition("proposed", SessionCalledOff),
        ("scheduled", "inquorate"): Transition("proposed", SessionInquorate),
        ("deliberated", ConveneSession): Transition("scheduled", SessionConvened),
        ("deliberated", AdoptResolution): Transition(
            "adopted", ResolutionAdopted, (MINUTES_CONFIRMED, QUORUM_MET)
        ),
        ("deliberated", RejectTopic): Transition("rejected", TopicRejected, (MINUTES_CONFIRMED,)),
        ("deliberated", DeclareNoConsensus): Transition(
            "no_consensus", ConsensusNotReached, (MINUTES_CONFIRMED,)
        ),
        ("deliberated", DeferTopic): Transition("deferred", TopicDeferred),
        ("deferred", ConveneSession): Transition("scheduled", SessionConvened),
        **each(UNDECIDED, PlaceOnAgenda, Transition(SAME, TopicPlacedOnAgenda, (NOT_ON_AGENDA,))),
        ("adopted", EvaluateTopic): Transition("evaluated", TopicEvaluated, (ITEMS_SETTLED,)),
    },
    frozenset({"refused", "rejected", "no_consensus", "evaluated"}),
)
