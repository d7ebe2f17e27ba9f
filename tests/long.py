"""`make long` runs every long test with new seeds. It can be interrupted, resumes, and writes a report.

    python -m tests.long            # resumes, or starts again if the last run was of another commit
    python -m tests.long --anew     # starts again

Its progress is in var/long.json; after the last file it writes docs/long.md: what was run, when, and of which commit.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STATE, REPORT = ROOT / "var" / "long.json", ROOT / "docs" / "long.md"
MARK, TRIES = "rig or machine", "10"
COUNTED = re.compile(r"(\d+) (passed|failed|errors?)")


def commit() -> str:
    """The commit of the checkout, with a plus if files differ from it."""
    return git("rev-parse", "--short=12", "HEAD") + (
        "+" if git("status", "--porcelain", "--untracked-files=no") else ""
    )


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def groups() -> list[str]:
    """The test files that contain long tests."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", MARK, "tests"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return list(dict.fromkeys(re.findall(r"^(tests/[^:\s]+\.py):", found, re.MULTILINE)))


def resume_or_start(anew: bool) -> dict[str, Any]:
    """The progress of the last run, or a new one if that was of another commit."""
    now = commit()
    known = json.loads(STATE.read_text()) if STATE.exists() and not anew else {}
    if known.get("commit") == now:
        return known
    return {"commit": now, "seed": random.SystemRandom().randint(1, 999_999), "began": stamp(), "done": {}}


def stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="minutes")


def run(group: str, seed: int) -> dict[str, Any]:
    """Runs one test file, printing its output, and returns its counts."""
    began, env = time.monotonic(), {**os.environ, "SEED": str(seed), "TRIES": TRIES, "LONG": "1"}
    command = [sys.executable, "-m", "pytest", "-m", MARK, "--hypothesis-seed", str(seed), group]
    command += ["-o", "faulthandler_timeout=7200"]  # three million messages take half an hour
    said: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as one:
        assert one.stdout is not None
        for line in one.stdout:
            said.append(line)
            print(line, end="", flush=True)
    counts: dict[str, int] = {}
    for number, what in COUNTED.findall("".join(said[-3:])):
        counts[what.rstrip("s")] = int(number)
    return {"seconds": round(time.monotonic() - began), "code": one.returncode, **counts}


def table(state: dict[str, Any]) -> str:
    """The text of docs/long.md."""
    lines = [
        "# The long tests, last run",
        "",
        f"Commit `{state['commit']}`, seed {state['seed']}, from {state['began']} to {state['ended']} (UTC); state machines "
        f"try {TRIES} times as much as in `make test`.",
        "",
        "| tests | passed | failed | seconds |",
        "|---|---|---|---|",
        *(
            f"| `{group}` | {one.get('passed', 0)} | {one.get('failed', 0) + one.get('error', 0)} | {one['seconds']} |"
            for group, one in sorted(state["done"].items())
        ),
        "",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 if a test failed, also before an interruption."""
    parser = argparse.ArgumentParser(prog="python -m tests.long", description=__doc__)
    parser.add_argument("--anew", action="store_true", help="forget how far the last run came")
    state = resume_or_start(parser.parse_args(arguments).anew)
    STATE.parent.mkdir(exist_ok=True)
    every = groups()
    for n, group in enumerate(every, 1):
        if group not in state["done"]:
            print(f"\n=== {n} of {len(every)}: {group} (seed {state['seed']})", flush=True)
            state["done"][group] = run(group, state["seed"])
            STATE.write_text(json.dumps(state, indent=1))
    state["ended"] = stamp()
    REPORT.write_text(table(state))
    red = [group for group, one in state["done"].items() if one["code"] not in (0, 5)]
    print(f"\ndocs/{REPORT.name} is written. " + (f"Red: {', '.join(red)}" if red else "All is green."))
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
