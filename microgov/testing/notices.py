"""Which notices a set of recordings exercises."""

from collections.abc import Sequence
from importlib.resources import files

import yaml

from microgov.services.chassis.log import data_of
from microgov.services.chassis.recording.recording import Recording
from microgov.services.notify import notices

NOTICES = "notices"


def exercised_notices(recordings: Sequence[Recording]) -> dict[str, bool]:
    """Every type of notice that has a template, and whether one was delivered, or given up, in a recording."""
    told = {
        data_of(stored).get("notice_type") for recording in recordings for stored in recording.by("notify")
    }
    templates = yaml.safe_load((files(notices) / "templates.yaml").read_text("utf-8"))
    return {kind: kind in told for kind in templates}
