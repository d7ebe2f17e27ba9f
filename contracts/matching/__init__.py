"""Organisations offer 出单, residents order 点单, the party branch assigns 下单; owned by `matching` (domain.md §3)."""

from contracts.matching.hours import *  # noqa: F403
from contracts.matching.listing import *  # noqa: F403
from contracts.matching.offer import *  # noqa: F403
from contracts.matching.order import *  # noqa: F403
from contracts.matching.planning import *  # noqa: F403
from contracts.matching.proposal import *  # noqa: F403
from contracts.matching.provider import *  # noqa: F403
from contracts.matching.question import *  # noqa: F403
from contracts.matching.registry import *  # noqa: F403
from contracts.matching.task import *  # noqa: F403
from contracts.matching.team import *  # noqa: F403
