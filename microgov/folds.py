"""The four folds. Their order decides which one comes first where their messages have the same time."""

from microgov.services.chassis.service import Service
from microgov.services.gateway.handlers import service as directory
from microgov.services.issues.handlers import service as issues
from microgov.services.matching.handlers import service as matching
from microgov.services.notify.handlers import service as notify

FOLDS: tuple[Service, ...] = (directory, issues, matching, notify)
