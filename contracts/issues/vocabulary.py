"""Sets of roles, and enumerations, that several messages about issues use."""

from typing import Annotated, Literal

from pydantic import Field

from microgov.contracts.fields import EVERYBODY, RESIDENTS, STAFF, Role, SystemWords, Text, Word

BRANCH = frozenset({Role.BRANCH})
CLERKS = frozenset({Role.BRANCH, Role.SOCIAL_WORKER})
"""Roles that route issues, report results and draft minutes."""
CONVENERS = frozenset({Role.BRANCH, Role.LIAISON_STATION})
"""Roles that convene sessions."""
RESIDENTS_AND_STAFF = RESIDENTS | STAFF
"""Roles of residents and of staff: those that co-sign, vote, appeal and withdraw."""
VISITORS = CLERKS | {Role.DASAO, Role.WOMENS_FEDERATION}
"""Roles that visit households and contact reporters."""
PARTICIPANTS = EVERYBODY - {Role.SYSTEM}
"""All roles of persons and organisations that take part: every role except those of other computer systems (`system`),
auditors and operators.
"""

Channel = Annotated[Word, Field(examples=["app"])]
"""How a person sent a command or was reached, such as `app`, `phone`, `counter`; an open enumeration."""
BY_HAND = "by_hand"
RuleName = Annotated[Text, SystemWords(BY_HAND)]
"""The name of the routing rule by which an owner was chosen, or BY_HAND if a person decided without one."""
Scale = Annotated[Literal["small", "large"], Field(examples=["small"])]
Urgency = Annotated[Literal["emergency", "urgent", "ordinary"], Field(examples=["ordinary"])]
Reach = Annotated[
    Literal["household", "stairwell", "compound", "community", "sub_district"], Field(examples=["compound"])
]
FORMS = frozenset(
    {
        "micro_topic",
        "stairwell_forum",
        "residents_council",
        "party_masses",
        "consultative_council",
        "round_table",
    }
)
Form = Annotated[Word, Field(examples=["micro_topic"])]
"""The form of deliberation, online (`micro_topic`) or in a room; an open enumeration: this version knows FORMS."""
BallotKind = Annotated[Literal["one_of", "each"], Field(examples=["one_of"])]
Stance = Annotated[Literal["agree", "disagree", "pass"], Field(examples=["agree"])]
Outcome = Annotated[
    Literal[
        "resolved",
        "partly_resolved",
        "agreed_no_action",
        "mediated",
        "referred_accepted",
        "self_resolved",
        "not_feasible",
    ],
    Field(examples=["resolved"]),
]
