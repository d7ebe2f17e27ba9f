"""`python -m tools.terminal_picture` writes docs/terminal.svg: a terminal in which microgov starts and plays a story.

It runs `microgov up` and `microgov demo`, in a folder and on ports of their own, and draws what they print.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

from tests.support.ports import deployment_ports

PICTURE = Path(__file__).parents[1] / "docs" / "terminal.svg"
STORY, LINES, COLUMNS = "vegetable-patch", 22, 108
LINE_HEIGHT, LEFT, TOP = 19, 18, 52
STYLE = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" xml:space="preserve"'


@contextmanager
def installation(folder: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Runs `microgov up` in the folder; yields the environment for other commands and the lines printed until it was
    ready.
    """
    env = {**os.environ, **deployment_ports(), "MICROGOV_VAR": str(folder / "var"), "MICROGOV_LANG": "en"}
    command = [sys.executable, "-m", "microgov", "up"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        said = []
        for line in up.stdout:
            said.append(line.rstrip())
            if "Ready in" in line:
                break
        try:
            yield env, said
        finally:
            up.terminate()


def session() -> list[str]:
    """Runs both commands and returns the lines that the terminal shows."""
    with TemporaryDirectory() as folder, installation(Path(folder)) as (env, started):
        command = [sys.executable, "-m", "microgov", "demo", STORY]
        told = subprocess.run(
            command, env=env, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    ready = [line for line in started if line.startswith(("[", "Ready"))]
    shown = [line for line in told if line.strip()]
    begins = (
        next(n for n, line in enumerate(shown) if "SubmitIssue" in line) - 1
    )  # the lines before it are about people and places
    return [
        "$ make up",
        *ready,
        "",
        f"$ microgov demo {STORY}",
        shown[0],
        "…",
        *shown[begins : begins + LINES],
        "…",
    ]


def draw(lines: list[str]) -> str:
    """The SVG of a terminal with these lines."""
    width, height = 2 * LEFT + 8 * COLUMNS, TOP + LINE_HEIGHT * len(lines)
    rows = [_line(number, line) for number, line in enumerate(lines)]
    dots = "".join(
        f'<circle cx="{22 + 20 * n}" cy="20" r="6" fill="{colour}"/>'
        for n, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            f'<rect width="{width}" height="{height}" rx="10" fill="#16191d"/>',
            dots,
            *rows,
            "</svg>",
            "",
        ]
    )


def _line(number: int, line: str) -> str:
    colour = "#8bd5a0" if line.startswith("$ ") else "#d7dce2"
    text = escape(line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…")
    return f'<text x="{LEFT}" y="{TOP + LINE_HEIGHT * number}" fill="{colour}" {STYLE}>{text}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw(session()), "utf-8")
