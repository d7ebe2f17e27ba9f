"""Every rule of .importlinter works: an import that breaks it is added to a copy of the code and refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("contracts", "microgov", "services", "stories")
CIRCLES = "No folder and no file imports another in a circle"
LAYERS = "The command uses the services, the services use the contracts, never the other way round"
SERVICES = "Services know the chassis, and never one another"
CONTRACTS = "Programs outside can use contracts/ with pydantic alone"
RECORDINGS = "A recording is a file, a replay reads it, a regeneration replays it, never the other way round"
DOMAIN = "A domain never sees the bus"
EDGE = "An edge never imports handlers, at any depth"
PLANNER = "The planner is a pure function: it sees no database, no bus and no clock"
PLANTED = [
    (CIRCLES, "services/issues/clocks/clock.py", "import microgov.services.issues.issue.issue"),
    (CIRCLES, "services/chassis/model.py", "import microgov.services.chassis.fold.fold"),
    (LAYERS, "services/chassis/fold/quarantine.py", "import microgov.text.sentences"),
    (LAYERS, "microgov/client/operator.py", "import microgov.commands.base"),
    (LAYERS, "microgov/stray/__init__.py", ""),
    (SERVICES, "services/notify/notices/notice.py", "import microgov.services.issues.model"),
    (SERVICES, "services/stray.py", ""),
    (CONTRACTS, "contracts/fields.py", "import nats"),
    (RECORDINGS, "services/chassis/recording/verifying.py", "import microgov.services.chassis.replay.digest"),
    (DOMAIN, "services/issues/issue/issue.py", "import nats"),
    (DOMAIN, "services/matching/orders/order.py", "import microgov.services.chassis.jetstream.log"),
    (EDGE, "services/issues/edge/teller.py", "import microgov.services.issues.handlers"),
    (EDGE, "services/notify/notices/delivery.py", "import microgov.services.notify.handlers"),
    (PLANNER, "services/matching/planner/plan.py", "import sqlalchemy"),
]


@pytest.mark.parametrize(("rule", "file", "line"), PLANTED)
def test_an_import_that_a_rule_forbids_is_refused(rule: str, file: str, line: str, tmp_path: Path) -> None:
    for folder in FOLDERS:
        shutil.copytree(
            ROOT / folder, tmp_path / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    planted = tmp_path / file
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a") as text:
        text.write(f"\n{line}\n")

    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    env = {**os.environ, "COLUMNS": "250", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"{rule} BROKEN" in done.stdout, done.stdout
