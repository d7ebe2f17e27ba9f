"""How much of everything the synthetic year holds.

From the reference case: 40 communities, 538 filed social organisations, 70 enterprises, 234 charging sheds with 500 places
at least, rounds of visits to households and enterprises, care teams of one party member, one dasao, one landlord and up to
8 households. Everything else is an assumption, named here so that it can be changed in one place.
"""

from typing import NamedTuple

COMMUNITIES, ORGANISATIONS, ENTERPRISES = 40, 538, 70
"""Of the reference case, for a year of FULL messages or more."""
SHEDS, SHED_PLACES = 234, 520
"""Sheds built and places gained in the whole year, spread over the communities. "500+" of the reference is taken as 520."""
FULL = 200_000
"""Messages from which on the town has its full number of communities; a smaller year has fewer, in proportion."""
FEWEST = 12_000
"""The fewest messages of a year."""

COMPOUNDS = 2
"""Compounds of a community (assumption; the reference names none)."""
PER_COMPOUND = {
    "resident": 12,
    "stairwell_captain": 3,
    "delegate": 1,
    "volunteer": 4,
    "landlord": 2,
    "party_member": 2,
    "dasao": 1,
    "respected_local": 1,
    "entrepreneur": 1,
    "volunteer_backbone": 1,
}
"""People of a compound by role (assumption). Three captains, since a forum of captains needs three votes."""
PER_COMMUNITY = {
    "branch": 2,
    "social_worker": 2,
    "womens_federation": 1,
    "liaison_station": 1,
    "property_company": 1,
}
"""People who work for a community, by role (assumption). Two of the branch: another one decides an appeal."""

MATTERS = {"issue": 0.335, "order": 0.60, "hotline": 0.04, "hazard": 0.015, "observation": 0.01}
"""Shares of what people bring in a year (assumption: two orders for each issue; a case in ten of the issues by hotline)."""
PER_MATTER, PER_COMMUNITY_STANDING = 73, 1_130
"""Measured messages: of a matter on average; and of what goes on in a community all year (standing.py, visits.py)."""
FORMS = {
    "micro_topic": 0.62,
    "residents_council": 0.14,
    "stairwell_forum": 0.08,
    "party_masses": 0.06,
    "round_table": 0.06,
    "consultative_council": 0.04,
}
"""Forms of deliberation (assumption: most matters are small, and a topic online will do)."""
URGENCY = {"ordinary": 0.86, "urgent": 0.11, "emergency": 0.03}
RESULTS = {"adopted": 0.80, "rejected": 0.09, "no_consensus": 0.08, "deferred": 0.03}
"""How a deliberation ends (assumption)."""
SECRET, EACH, HANDS, TALK = 0.08, 0.25, 0.45, 0.15
"""Shares: ballots online that are secret, or of the kind `each`; sessions in a room with hands, or without a vote."""

MISTAKES = 0.028
"""The share of commands beside which somebody makes a mistake; most are refused (2 to 5 % of all commands)."""
WEBHOOKS = 0.08
"""The share of people who get notices on a webhook as well as in the inbox."""


class Size(NamedTuple):
    """The size of one year: what the town has, and how many matters come up in it."""

    messages: int
    communities: int
    organisations: int
    enterprises: int
    residents: int
    matters: int


def size_of(messages: int) -> Size:
    """The size of a year with about this many messages."""
    if messages < FEWEST:
        raise ValueError(f"a year has {FEWEST:,} messages at least")
    part = min(1.0, messages / FULL)
    communities = max(2, round(COMMUNITIES * part))
    residents = PER_COMPOUND["resident"] + (3 * (messages // FULL - 1) if messages > FULL else 0)
    people = communities * (
        COMPOUNDS * (sum(PER_COMPOUND.values()) - PER_COMPOUND["resident"] + residents)
        + sum(PER_COMMUNITY.values())
    )
    organisations, enterprises = round(ORGANISATIONS * part), round(ENTERPRISES * part)
    setup = 4 * people + 6 * (organisations + enterprises)
    standing = communities * PER_COMMUNITY_STANDING
    matters = max(1, round((1.06 * messages - setup - standing) / PER_MATTER))
    return Size(messages, communities, organisations, enterprises, residents, matters)
