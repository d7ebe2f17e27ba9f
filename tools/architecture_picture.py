"""`python -m tools.architecture_picture` writes docs/architecture.svg: which program reads and writes which stream.

The picture is drawn from the tables of boxes and arrows below, not from the code. `--check` only compares it.
"""

import argparse
import sys
from html import escape
from pathlib import Path
from typing import NamedTuple

COMMAND = "python -m tools.architecture_picture"
ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
WIDTH, HEIGHT = 890, 560
LINE_HEIGHT = 15
"""Pixels from one line of text in a box to the next."""


class Box(NamedTuple):
    """A rectangle with lines of text, in pixels from the top left; `kind` is program, stream, store (a database) or
    group.
    """

    kind: str
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]


class Arrow(NamedTuple):
    """A line through the points, with a head at the last one (`both`: at the first one too); `kind`: message,
    question or store.
    """

    kind: str
    points: tuple[tuple[int, int], ...]
    both: bool = False


class Label(NamedTuple):
    """Small text beside an arrow; `x` is the middle of the text."""

    x: int
    y: int
    text: str


BOXES = (
    Box("group", 337, 30, 146, 400, ("gateway",)),
    Box("group", 647, 30, 230, 400, ("services",)),
    Box("program", 15, 60, 120, 190, ("publishers", "portal, hotline,", "microgov send", "(publisher cli)")),
    Box("stream", 180, 60, 125, 56, ("IN", "one per publisher")),
    Box("stream", 180, 142, 125, 46, ("RECEIPT", "30 days")),
    Box("stream", 180, 204, 125, 46, ("OUT", "30 days")),
    Box("program", 350, 60, 120, 56, ("door", "checks, stamps")),
    Box("program", 350, 150, 120, 92, ("courier", "receipts,", "copies of events")),
    Box("program", 350, 272, 120, 60, ("directory", "fold")),
    Box("store", 350, 366, 120, 48, ("database", "of the gateway")),
    Box("stream", 520, 30, 90, 400, ("LOG", "per tenant,", "one order,", "kept for ever")),
    Box("program", 660, 60, 100, 56, ("issues", "fold")),
    Box("program", 660, 140, 100, 56, ("matching", "fold")),
    Box("program", 660, 220, 100, 56, ("notify", "fold")),
    Box("store", 785, 60, 84, 56, ("database",)),
    Box("store", 785, 140, 84, 56, ("database",)),
    Box("store", 785, 220, 84, 56, ("database",)),
    Box(
        "program",
        660,
        316,
        209,
        98,
        ("edges, one per service", "clock: what is due", "teller: keys and counts", "sender: webhooks"),
    ),
    Box("program", 15, 452, 120, 62, ("microgov", "user operator")),
)
ARROWS = (
    Arrow("message", ((135, 88), (180, 88))),
    Arrow("message", ((305, 88), (350, 88))),
    Arrow("message", ((470, 88), (520, 88))),
    Arrow("message", ((520, 196), (470, 196))),
    Arrow("message", ((350, 165), (305, 165))),
    Arrow("message", ((350, 227), (305, 227))),
    Arrow("message", ((180, 165), (135, 165))),
    Arrow("message", ((180, 227), (135, 227))),
    Arrow("message", ((520, 290), (470, 290))),
    Arrow("message", ((470, 314), (520, 314))),
    *(
        arrow
        for y in (76, 156, 236)
        for arrow in (
            Arrow("message", ((610, y), (660, y))),
            Arrow("message", ((660, y + 24), (610, y + 24))),
        )
    ),
    Arrow("message", ((660, 365), (610, 365))),
    Arrow("store", ((410, 332), (410, 366)), both=True),
    *(Arrow("store", ((760, y), (785, y)), both=True) for y in (88, 168, 248)),
    Arrow("store", ((827, 276), (827, 316)), both=True),
    Arrow("question", ((135, 483), (762, 483), (762, 430)), both=True),
    Arrow("question", ((410, 483), (410, 430))),
)
LABELS = (
    Label(592, 500, "request and reply: ask.operator.<tenant>.<service>.<question>"),
    Label(240, 540, "solid: messages through the broker"),
    Label(450, 540, "dashed: request and reply"),
    Label(670, 540, "thin: one transaction in a database"),
)
STYLE = """
  text { font: 12px sans-serif; fill: #1f2328; text-anchor: middle; }
  .name { font-size: 14px; font-weight: bold; }
  .label { font-size: 11px; fill: #57606a; }
  .back { fill: #ffffff; }
  rect { stroke-width: 1.5; }
  .program { fill: #ddf4ff; stroke: #0969da; }
  .stream { fill: #fff1d6; stroke: #9a6700; }
  .store { fill: #eaeef2; stroke: #57606a; }
  .group { fill: none; stroke: #8c959f; stroke-dasharray: 2 3; }
  .line { fill: none; stroke: #424a53; stroke-width: 1.8; }
  .line-question { stroke-dasharray: 6 4; }
  .line-store { stroke-width: 1; }
  .head { fill: #424a53; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .label { fill: #9ea7b3; }
    .back { fill: #0d1117; }
    .program { fill: #0c2d6b; stroke: #58a6ff; }
    .stream { fill: #4b2900; stroke: #d29922; }
    .store { fill: #21262d; stroke: #8b949e; }
    .group { stroke: #6e7681; }
    .line { stroke: #b1bac4; }
    .head { fill: #b1bac4; }
  }
"""
ALT = (
    "Publishers write into IN; the gateway's door checks and stamps what is there and writes it into LOG. "
    "The folds directory, issues, matching and notify read LOG and write into it, each with a database. "
    "The edges write into LOG, too. The courier reads LOG and writes RECEIPT and OUT for the publishers. "
    "The command microgov asks the services by request and reply."
)


def picture() -> str:
    """The text of docs/architecture.svg."""
    head = '<marker id="head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" '
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<!-- Written by `{COMMAND}`; do not edit. -->",
            f"<title>{escape(ALT)}</title>",
            f"<style>{STYLE}</style>",
            f'<defs>{head}markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
            '<path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
            f'<rect class="back" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
            *(line for box in BOXES for line in _box(box)),
            *(_arrow(arrow) for arrow in ARROWS),
            *(_text(label.x, label.y, label.text, "label") for label in LABELS),
            "</svg>",
            "",
        ]
    )


def main(arguments: list[str] | None = None) -> int:
    """Writes the picture and returns 0. With `--check` it writes nothing, and returns 1 if the picture is out of date."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    why = "change nothing; exit 1 if the picture is out of date"
    parser.add_argument("--check", action="store_true", help=why)
    check = parser.parse_args(arguments).check
    current = PICTURE.exists() and PICTURE.read_text() == picture()
    if check and not current:
        print(
            f"out of date: {PICTURE.relative_to(ROOT)}\nRun `{COMMAND}` and commit what it writes. "
            f"请运行 `{COMMAND}` 并提交其结果。",
            file=sys.stderr,
        )
        return 1
    if not current:
        PICTURE.write_text(picture())
    return 0


def _box(box: Box) -> list[str]:
    rect = (
        f'<rect class="{box.kind}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" '
        f'rx="{2 if box.kind == "stream" else 8}"/>'
    )
    middle = box.x + box.width // 2
    if box.kind == "group":
        return [rect, _text(middle, box.y + 20, box.lines[0], "name")]
    first = box.y + box.height // 2 - (len(box.lines) - 1) * LINE_HEIGHT // 2 + 5
    lines = enumerate(box.lines)
    return [rect, *(_text(middle, first + n * LINE_HEIGHT, line, "" if n else "name") for n, line in lines)]


def _arrow(arrow: Arrow) -> str:
    points = " ".join(f"{x},{y}" for x, y in arrow.points)
    start = ' marker-start="url(#head)"' if arrow.both else ""
    return f'<polyline class="line line-{arrow.kind}" points="{points}"{start} marker-end="url(#head)"/>'


def _text(x: int, y: int, text: str, kind: str) -> str:
    css = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{css}>{escape(text)}</text>'


if __name__ == "__main__":
    sys.exit(main())
