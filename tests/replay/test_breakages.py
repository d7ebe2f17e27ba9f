"""A replay names every breakage at the message where it begins, with the handler, before it names anything else."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.replay.breakages import BREAKAGES, Breakage
from tests.replay.broken_source import ROOT

RECORDING = ROOT / "tests" / "logs" / "vegetable-patch.ndjson"
pytestmark = pytest.mark.slow


def report_of(breakage: Breakage) -> dict[str, Any]:
    """What a replay says of the broken services."""
    command = [sys.executable, "-m", "tests.replay.broken_source", str(RECORDING), breakage.databases]
    edits = json.dumps([list(edit) for edit in breakage.edits])
    done = subprocess.run(
        [*command, edits], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.name)
def test_a_breakage_is_named(breakage: Breakage) -> None:
    report = report_of(breakage)

    if breakage.unseen is not None:
        assert (report["differences"], report["other_state"]) == ([], {})
        return
    (first,) = report["differences"]
    assert (first["cause"], first["kind"]) == (breakage.cause, breakage.kind)
    text = json.dumps(first, ensure_ascii=False)
    assert [words for words in breakage.says if words not in text and words not in shown(report)] == []


def shown(report: dict[str, Any]) -> str:
    """Type and code of every answer of the first difference."""
    first = report["differences"][0]
    return " ".join(
        f"{one['type']} ({one['data'].get('code')})" for one in [*first["recorded"], *first["said"]]
    )
