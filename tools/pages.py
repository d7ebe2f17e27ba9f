"""Pages that a script writes from the code: written anew, or, with `--check`, compared with what is there."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path


def keep(command: str, about: str, pages: Mapping[Path, str], arguments: list[str] | None) -> int:
    """0: all are current (now). 1: with `--check` one is not, and standard error says which and what to run."""
    parser = argparse.ArgumentParser(prog=command, description=about)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a page is not current"
    )
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    if parser.parse_args(arguments).check:
        for path in stale:
            print(f"not current: {path.name}. Run `{command}` and commit what it writes.", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages[path], "utf-8")
    return 0
