"""Writes the synthetic year of a sub-district as a recording.

The year has 40 communities with their people, organisations, matters, meetings, votes, orders, visits and mistakes;
bench/year/proportions.py says which numbers are those of the reference case and which are assumptions. The same number of
messages and the same seed always give the same file, byte for byte.

examples:
  python -m bench.year var/year.ndjson
  python -m bench.year var/year.ndjson --messages 200000 --seed 7
  python -m bench.year var/small.ndjson --messages 12000 --json
  microgov log verify var/year.ndjson
  microgov log replay var/year.ndjson --database memory
  microgov log coverage var/year.ndjson
"""

import argparse
import json
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench.year.contents import Contents
from bench.year.make import write
from bench.year.proportions import FEWEST, FULL, size_of
from bench.year.year import Year


def main() -> int:
    """Writes the file, and shows what it holds."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m bench.year", description=__doc__, formatter_class=raw)
    parser.add_argument("out", type=Path, metavar="OUT.ndjson", help="the file; it is replaced if it exists")
    parser.add_argument("--messages", type=int, default=FULL, help=f"about how many; {FEWEST:,} at least")
    parser.add_argument("--seed", type=int, default=7, help="another seed gives another year")
    parser.add_argument("--json", action="store_true", help="what it holds, as one line of JSON")
    given = parser.parse_args()
    try:
        size_of(given.messages)
    except ValueError as error:
        parser.error(str(error))
    if not given.out.absolute().parent.is_dir():
        parser.error(f"{given.out.parent} is no folder; make it first")
    began, contents = time.monotonic(), Contents()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("a year passes", total=given.messages)
        year = write(
            given.out,
            given.messages,
            given.seed,
            lambda length: progress.update(task, completed=length),
            contents.add,
        )
    seconds = time.monotonic() - began
    if given.json:
        print(json.dumps(_as_json(year, contents, seconds), ensure_ascii=False))
    else:
        _show(year, contents, seconds)
    return 0


def _as_json(year: Year, contents: Contents, seconds: float) -> dict[str, object]:
    return {
        **contents.as_json(),
        "lives": dict(sorted(year.lives.items())),
        "mistakes": dict(sorted(year.mistakes.made.items())),
        "size": year.town.size._asdict(),
        "seconds": round(seconds, 1),
    }


def _show(year: Year, contents: Contents, seconds: float) -> None:
    size = year.town.size
    print(
        f"{contents.types.total():,} messages in {seconds:.0f} s, {contents.types.total() / seconds:,.0f} a second"
    )
    print(
        f"{size.communities} communities, {size.organisations} organisations, {size.enterprises} enterprises"
    )
    print("lives: " + ", ".join(f"{many:,} {name}" for name, many in year.lives.most_common()))
    print(f"{contents.commands:,} commands, {contents.refused:.1f} % refused by {len(contents.codes)} codes:")
    for code, many in contents.codes.most_common():
        print(f"{many:8,} {code}")
    print(f"{len(contents.types)} types of messages:")
    for kind, many in contents.types.most_common():
        print(f"{many:8,} {kind}")


if __name__ == "__main__":
    sys.exit(main())
