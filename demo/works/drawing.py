"""A small pen for flat illustrations: each function answers a piece of SVG, lengths are in pixels of a 1200 by 900 sheet."""

import math
from collections.abc import Iterable
from itertools import pairwise

WIDTH, HEIGHT = 1200, 900

Point = tuple[float, float]


def element(tag: str, *inside: str, **attributes: object) -> str:
    """One SVG element; underscores in attribute names stand for hyphens."""
    written = "".join(f' {name.replace("_", "-")}="{_plain(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{''.join(inside)}</{tag}>"


def _plain(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def sheet(*inside: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """A whole SVG document."""
    return element("svg", *inside, xmlns="http://www.w3.org/2000/svg", width=width, height=height, viewBox=f"0 0 {width} {height}")


def circle(x: float, y: float, r: float, fill: str, **more: object) -> str:
    return element("circle", cx=x, cy=y, r=r, fill=fill, **more)


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, **more: object) -> str:
    return element("ellipse", cx=x, cy=y, rx=rx, ry=ry, fill=fill, **more)


def rect(x: float, y: float, width: float, height: float, fill: str, **more: object) -> str:
    return element("rect", x=x, y=y, width=width, height=height, fill=fill, **more)


def path(d: str, fill: str = "none", **more: object) -> str:
    return element("path", d=d, fill=fill, **more)


def stroke(d: str, colour: str, width: float, **more: object) -> str:
    """A line with round ends."""
    return path(d, "none", stroke=colour, stroke_width=width, stroke_linecap="round", stroke_linejoin="round", **more)


def polygon(points: Iterable[Point], fill: str, **more: object) -> str:
    return element("polygon", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), fill=fill, **more)


def line(points: Iterable[Point]) -> str:
    """The path data of an open line through the points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def group(*inside: str, **attributes: object) -> str:
    return element("g", *inside, **attributes)


def placed(x: float, y: float, *inside: str, scale: float = 1.0, turn: float = 0.0) -> str:
    """What is drawn around (0, 0), put down at (x, y), enlarged and turned by degrees."""
    return group(*inside, transform=f"translate({x:.2f} {y:.2f}) rotate({turn:.2f}) scale({scale:.4f})")


def around(x: float, y: float, r: float, count: int, start: float = 0.0) -> list[Point]:
    """Points evenly spaced on a circle, the first at `start` degrees from the top."""
    angles = [math.radians(start - 90 + 360 * i / count) for i in range(count)]
    return [(x + r * math.cos(a), y + r * math.sin(a)) for a in angles]


def wash(top: str, bottom: str, x: float = 0, y: float = 0, width: float = WIDTH, height: float = HEIGHT) -> str:
    """A rectangle that runs from one colour at its top to another at its foot."""
    name = f"wash{top}{bottom}".replace("#", "_")
    stops = element("stop", offset=0, stop_color=top), element("stop", offset=1, stop_color=bottom)
    return element("linearGradient", *stops, id=name, x1=0, y1=0, x2=0, y2=1) + rect(x, y, width, height, f"url(#{name})")


def glow(x: float, y: float, r: float, colour: str, strength: float = 0.6) -> str:
    """Light that fades to nothing at the radius."""
    name = f"glow{colour}{round(strength * 100)}".replace("#", "_")
    stops = (
        element("stop", offset=0, stop_color=colour, stop_opacity=strength),
        element("stop", offset=0.45, stop_color=colour, stop_opacity=strength * 0.35),
        element("stop", offset=1, stop_color=colour, stop_opacity=0),
    )
    return element("radialGradient", *stops, id=name) + circle(x, y, r, f"url(#{name})")


def petal(length: float, width: float, fill: str, **more: object) -> str:
    """A leaf shape that starts at (0, 0) and points up."""
    bend = f"M0 0C{-width:.1f} {-length * 0.35:.1f} {-width * 0.6:.1f} {-length * 0.8:.1f} 0 {-length:.1f}"
    return path(f"{bend}C{width * 0.6:.1f} {-length * 0.8:.1f} {width:.1f} {-length * 0.35:.1f} 0 0Z", fill, **more)


def ring_of(x: float, y: float, count: int, piece: str, start: float = 0.0, out: float = 0.0) -> str:
    """A piece that points up, repeated around a centre at a distance of `out`."""
    turns = (start + 360 * i / count for i in range(count))
    return "".join(group(piece, transform=f"translate({x:.2f} {y:.2f}) rotate({turn:.2f}) translate(0 {-out:.2f})") for turn in turns)


def hills(points: Iterable[Point], fill: str, floor: float = HEIGHT) -> str:
    """A soft ridge through the points, filled down to the floor."""
    ridge = list(points)
    d = f"M{ridge[0][0]:.1f} {floor}L{ridge[0][0]:.1f} {ridge[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(ridge):
        middle = (x0 + x1) / 2
        d += f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    return path(f"{d}L{ridge[-1][0]:.1f} {floor}Z", fill)


def scattered(count: int, seed: int, width: float = WIDTH, height: float = HEIGHT) -> list[tuple[float, float, float]]:
    """Points spread evenly but without a grid, each with a size between 0 and 1; the same for the same seed."""
    golden, plastic, third = 0.6180339887, 0.7548776662, 0.5698402910
    return [
        ((seed * 0.37 + i * plastic) % 1 * width, (seed * 0.71 + i * third) % 1 * height, (seed + i * golden) % 1) for i in range(count)
    ]


def stars(count: int, seed: int, height: float, colour: str = "#fdf3d8") -> str:
    """A night's stars down to a height."""
    spots = scattered(count, seed, height=height)
    return "".join(circle(x, y, 0.8 + 1.9 * size * size, colour, opacity=0.35 + 0.6 * size) for x, y, size in spots)


def snow(count: int, seed: int, width: float, height: float) -> str:
    """Falling flakes, small and large."""
    return "".join(circle(x, y, 1.5 + 4 * s * s, "#ffffff", opacity=0.45 + 0.5 * s) for x, y, s in scattered(count, seed, width, height))
