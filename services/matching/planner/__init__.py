"""The planner (domain.md §3.4): from a snapshot to suggestions, each with why and the runner-up, for the branch to defend.

A pure function: no database, no bus, no clock, no randomness, and the order in which things are given says nothing.
All costs are whole metres, all times whole minutes since 1970 in UTC, all days whole days of the wall calendar. What it
suggests happens only by the branch's ordinary `AssignOrder`.
"""

from microgov.services.matching.planner.distance import Point
from microgov.services.matching.planner.grouping import CareTeam, Grouping, Helper, Household, group
from microgov.services.matching.planner.highs import NotInstalled
from microgov.services.matching.planner.plan import ENGINES, Plan, plan
from microgov.services.matching.planner.snapshot import (
    Order,
    Provider,
    Qualification,
    Slot,
    Snapshot,
    Task,
    Window,
)

__all__ = [
    "ENGINES",
    "CareTeam",
    "Grouping",
    "Helper",
    "Household",
    "NotInstalled",
    "Order",
    "Plan",
    "Point",
    "Provider",
    "Qualification",
    "Slot",
    "Snapshot",
    "Task",
    "Window",
    "group",
    "plan",
]
