"""Draws curves as an SVG, without a library. The same numbers give the same bytes."""

from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, STEPS = 860, 420, 50, 40, 5
COLOURS = ("#1b6ca8", "#c8553d", "#5a8f29", "#7a5195")


class Curve(NamedTuple):
    """A label and the values from left to right."""

    label: str
    values: list[int]


def draw(title: str, curves: list[Curve]) -> str:
    """The SVG of all curves on the same axes, with a legend at the top left."""
    top = max(max(curve.values) for curve in curves)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text>',
    ]
    for step in range(STEPS + 1):
        value = top * step // STEPS
        y = _y(value, top)
        lines.append(f'<path d="M{LEFT} {y}H{WIDTH - 20}" stroke="#ddd"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value}</text>')
    for n, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        points = " ".join(
            f"{_x(at, len(curve.values))},{_y(value, top)}" for at, value in enumerate(curve.values)
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = TOP + 20 + 20 * n
        lines.append(f'<path d="M{LEFT + 12} {y - 4}h24" stroke="{colour}" stroke-width="3"/>')
        lines.append(f'<text x="{LEFT + 44}" y="{y}">{escape(curve.label)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _x(at: int, count: int) -> int:
    return LEFT + at * (WIDTH - LEFT - 20) // max(1, count - 1)


def _y(value: int, top: int) -> int:
    return HEIGHT - 30 - value * (HEIGHT - 30 - TOP) // max(1, top)
