"""Issues, their deliberation and what comes of them; owned by the service `issues` (domain.md §2)."""

from contracts.issues.achieved import *  # noqa: F403
from contracts.issues.action import *  # noqa: F403
from contracts.issues.ballot import *  # noqa: F403
from contracts.issues.clock import *  # noqa: F403
from contracts.issues.council import *  # noqa: F403
from contracts.issues.course import *  # noqa: F403
from contracts.issues.disagreement import *  # noqa: F403
from contracts.issues.external import *  # noqa: F403
from contracts.issues.history import *  # noqa: F403
from contracts.issues.household import *  # noqa: F403
from contracts.issues.issue import *  # noqa: F403
from contracts.issues.listing import *  # noqa: F403
from contracts.issues.mediation import *  # noqa: F403
from contracts.issues.question import *  # noqa: F403
from contracts.issues.rate import *  # noqa: F403
from contracts.issues.roundtable import *  # noqa: F403
from contracts.issues.screening import *  # noqa: F403
from contracts.issues.session import *  # noqa: F403
from contracts.issues.topic import *  # noqa: F403
from contracts.issues.visit import *  # noqa: F403
from contracts.issues.visiting import *  # noqa: F403
