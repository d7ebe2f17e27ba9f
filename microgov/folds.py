"""The folds of all installed services. Their order decides which one comes first where their messages have the same time."""

from microgov.services.chassis.installed import installed
from microgov.services.chassis.service import Service

FOLDS: tuple[Service, ...] = tuple(one.definition() for one in installed())
