"""Messages about offers 出单, orders 点单 and their assignment 下单; owned by the service `matching` (domain.md §3).

"The order (`subject`)" means the order whose id is the field `subject` of the message's envelope.
"""

OWNER = "matching"

from microgov.contracts.matching.assignment import *
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
