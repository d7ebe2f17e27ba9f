"""Messages about issues, their deliberation and what follows from it; owned by the service `issues` (domain.md §2).

"The issue (`subject`)" means the issue whose id is the field `subject` of the message's envelope.
"""

OWNER = "issues"

from microgov.contracts.issues.achieved import *
from microgov.contracts.issues.action import *
from microgov.contracts.issues.ballot import *
from microgov.contracts.issues.clock import *
from microgov.contracts.issues.council import *
from microgov.contracts.issues.disagreement import *
from microgov.contracts.issues.handling import *
from microgov.contracts.issues.history import *
from microgov.contracts.issues.household import *
from microgov.contracts.issues.intake import *
from microgov.contracts.issues.issue import *
from microgov.contracts.issues.listing import *
from microgov.contracts.issues.mediation import *
from microgov.contracts.issues.question import *
from microgov.contracts.issues.rate import *
from microgov.contracts.issues.roundtable import *
from microgov.contracts.issues.screening import *
from microgov.contracts.issues.session import *
from microgov.contracts.issues.topic import *
from microgov.contracts.issues.visit import *
from microgov.contracts.issues.visit_questions import *
from microgov.contracts.issues.vote import *
