"""Writes pages that are made from the code; with `--check`, only compares them."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path


def write_or_check(command: str, about: str, pages: Mapping[Path, str], arguments: list[str] | None) -> int:
    """Writes the pages, a text by path, and returns 0.

    With `--check` it writes nothing, names the pages that are out of date on standard error, and returns 1 if there are any.
    `command` is the command that writes the pages, `about` its description for `--help`.
    """
    parser = argparse.ArgumentParser(prog=command, description=about)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if a page is out of date"
    )
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    if parser.parse_args(arguments).check:
        for path in stale:
            print(f"out of date: {path.name}. Run `{command}` and commit what it writes.", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages[path], "utf-8")
    return 0
