"""The four folds, in the order in which ties are broken."""

from services.chassis.service import Service
from services.gateway.handlers import service as directory
from services.issues.handlers import service as issues
from services.matching.handlers import service as matching
from services.notify.handlers import service as notify

FOLDS: tuple[Service, ...] = (directory, issues, matching, notify)
