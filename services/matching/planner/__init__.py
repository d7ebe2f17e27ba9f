"""The planner (domain.md §3.4): from a snapshot to suggestions, each with its reasons and the runner-up.

It is a pure function: it uses no database, broker, clock or randomness, and the order of its inputs does not matter. All
costs are whole metres, all times whole minutes since 1970 in UTC, all days whole local days since 1970. A suggestion takes
effect only when the branch sends an ordinary `AssignOrder`.
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
