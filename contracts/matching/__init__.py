"""Organisations offer 出单, residents order 点单, the party branch assigns 下单; owned by `matching` (domain.md §3)."""

OWNER = "matching"

from microgov.contracts.matching.hours import *
from microgov.contracts.matching.listing import *
from microgov.contracts.matching.offer import *
from microgov.contracts.matching.order import *
from microgov.contracts.matching.planning import *
from microgov.contracts.matching.proposal import *
from microgov.contracts.matching.provider import *
from microgov.contracts.matching.question import *
from microgov.contracts.matching.rating import *
from microgov.contracts.matching.registry import *
from microgov.contracts.matching.task import *
from microgov.contracts.matching.team import *
from microgov.contracts.matching.waiting import *
