"""The section `procedure`: the rules of procedure 议事规则 of sessions in a room (domain.md §2.3)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from microgov.contracts.fields import Part, PerMille, Positive, Role

Class = Annotated[Role, Field(strict=False, examples=["resident"])]
"""A role in a section of the rules; also read from table rows, as a string."""


class Invited(Part):
    """A role whose holders are called to a session. All who come may speak; those of a role with `votes` have a vote."""

    role: Class
    votes: bool = True


class Procedure(Part):
    """The rules of procedure of one kind of session."""

    kind: Annotated[
        Literal[
            "micro_topic",
            "stairwell_forum",
            "residents_council",
            "party_masses",
            "consultative_council",
            "round_table",
        ],
        Field(examples=["residents_council"]),
    ]
    convened_by: Annotated[
        list[Class], Field(min_length=1, max_length=23, default_factory=lambda: [Role.BRANCH])
    ]
    invited: Annotated[list[Invited], Field(max_length=23, default_factory=list)]
    """For a session in a room: who may come. In an online session everybody who lives there takes part."""
    electorate: Annotated[Literal["person", "household"], Field(examples=["household"])] = "person"
    """Whether a vote belongs to a person or to a household, of which the last vote counts, whoever casts it."""
    quorum: Positive = 3
    """How many votes must be in the room, and take part in a ballot for an option to be adopted."""
    quorum_per_mille: PerMille = 0
    """For a standing council: the quorum is also at least this share of its members."""
    majority_per_mille: PerMille = 500
    """An option is adopted with more than this share of the votes, and in a `one_of` ballot only if no other option
    has as many.
    """
    majority_of: Annotated[Literal["cast", "taking_part"], Field(examples=["cast"])] = "cast"
    """Whether the share is of the votes for and against, or of all who take part, so that a pass counts against it."""
    ballots: Annotated[Literal["open", "secret", "either"], Field(examples=["either"])] = "either"
    notice_hours: Annotated[int, Field(ge=0, le=24 * 366, examples=[24])] = 0
    amendment_hours: Annotated[int, Field(ge=0, le=24 * 366, examples=[24])] = 0
    confirmations: Positive = 2


def _procedures() -> list[Procedure]:
    """The defaults that follow from domain.md §2.3; the operator sets what it leaves open."""
    voting: dict[str, tuple[Role, ...]] = {
        "stairwell_forum": (Role.STAIRWELL_CAPTAIN,),
        "residents_council": (Role.RESIDENT, Role.DELEGATE),
        "party_masses": (Role.RESIDENT, Role.PARTY_MEMBER),
        "consultative_council": (Role.RESPECTED_LOCAL, Role.ENTREPRENEUR, Role.VOLUNTEER_BACKBONE),
        "round_table": (Role.RESIDENT, Role.DELEGATE),
    }
    heard = (Role.SOCIAL_WORKER, Role.PROPERTY_COMPANY, Role.LIAISON_STATION)
    return [
        Procedure.model_validate(
            {
                "kind": kind,
                "convened_by": [Role.LIAISON_STATION if kind == "round_table" else Role.BRANCH],
                "invited": [Invited(role=role, votes=role in votes) for role in (*votes, *heard)],
                "quorum_per_mille": 500 if kind == "consultative_council" else 0,
            }
        )
        for kind, votes in voting.items()
    ]


class ProcedureRules(Part):
    """The rules of procedure 议事规则 of the sessions in a room (domain.md §2.3), one entry for each kind.

    A `micro_topic` follows the section `deliberation`, unless it has an entry here.
    """

    section: Literal["procedure"] = "procedure"
    kinds: Annotated[list[Procedure], Field(max_length=6, default_factory=_procedures)]

    @model_validator(mode="after")
    def _entries_unique(self) -> "ProcedureRules":
        kinds = [one.kind for one in self.kinds]
        twice = [kind for kind in kinds if kinds.count(kind) > 1]
        if twice:
            raise ValueError(f"{twice[0]} has two entries: give it one")
        return self
