"""Doorsteps: the powder drawing of Pune, and the door in the hills that took it up."""

from demo.works.drawing import HEIGHT, WIDTH, circle, ellipse, glow, group, placed, rect, scattered, sheet, stroke, wash
from demo.works.motifs import diya, garland, marigold, rangoli


def rangoli_before_milk() -> str:
    """A threshold seen from above: the powder drawing, four lamps, the brass pots of powder and one bare footprint."""
    tiles = "".join(
        rect(x, y, 146, 146, "#9c5240" if (x // 150 + y // 150) % 2 else "#964c3b") for x in range(0, 1200, 150) for y in range(0, 900, 150)
    )
    floor = rect(0, 0, WIDTH, HEIGHT, "#7d3c2f") + tiles
    step = rect(0, 0, WIDTH, 96, "#4a221c") + rect(0, 88, WIDTH, 16, "#2f1512", opacity=0.7)
    lamps = "".join(placed(x, y, diya(0.8)) for x, y in ((150, 300), (860, 300), (150, 800), (860, 800)))
    pots = "".join(
        placed(1070, y, *_powder_pot(colour)) for y, colour in ((250, "#e0457b"), (400, "#f6a623"), (550, "#2fa39a"), (700, "#7a3fa0"))
    )
    trail = "".join(circle(900 + x / 12, 420 + y / 4, 1 + 2 * s, "#f2f0e6", opacity=0.7) for x, y, s in scattered(60, 3))
    return sheet(floor, step, glow(505, 520, 470, "#ffdf9e", 0.3), placed(505, 520, rangoli(335)), trail, pots, lamps)


def _powder_pot(colour: str) -> tuple[str, ...]:
    shadow = ellipse(6, 10, 60, 58, "#3a1a14", opacity=0.5)
    return (
        shadow,
        circle(0, 0, 56, "#b98532"),
        circle(0, 0, 48, "#8a5f1f"),
        circle(0, 0, 43, colour),
        ellipse(-10, -12, 18, 12, "#ffffff", opacity=0.25),
    )


def marigold_door() -> str:
    """A blue door in the hills of Kaski on the brothers' day: garlands, the powder drawing of Pune on the step, lamps and walnuts."""
    wall = (
        wash("#e8d2b0", "#c9a67c")
        + rect(0, 690, WIDTH, 210, "#8f4a34")
        + rect(0, 690, WIDTH, 16, "#6e3525")
        + rect(0, 560, WIDTH, 130, "#a8402f")
    )
    frame = rect(360, 90, 480, 600, "#4a2a1c") + rect(392, 122, 416, 568, "#1d3f73")
    leaves = "".join(
        rect(x, 122, 200, 568, "#2b5fa3")
        + "".join(rect(x + 24, y, 152, 138, "#234f8b", rx=4) + rect(x + 34, y + 10, 132, 118, "#3a73bb", rx=3) for y in (150, 318, 486))
        for x in (396, 604)
    )
    rings = "".join(circle(x, 430, 15, "none", stroke="#e0b44a", stroke_width=6) for x in (578, 622))
    ropes = (
        placed(330, 96, garland(540, 92))
        + placed(350, 92, group(garland(470, 12), transform="rotate(90)"))
        + placed(850, 92, group(garland(470, 12), transform="rotate(90)"))
    )
    step = group(rangoli(210), transform="translate(600 792) scale(1 0.42)")
    lamps = "".join(placed(x, y, diya(0.85)) for x, y in ((330, 800), (880, 800), (430, 872), (780, 872)))
    plate = placed(
        1040,
        812,
        ellipse(0, 6, 110, 22, "#4a2318", opacity=0.5),
        ellipse(0, 0, 110, 24, "#d8b04c"),
        ellipse(0, -3, 92, 17, "#f2d98b"),
        *_walnuts(),
        *_tika(),
    )
    return sheet(wall, frame, leaves, rings, ropes, step, group(_strewn(826), opacity=0.9, transform="translate(0 6)"), lamps, plate)


def _strewn(y: float) -> str:
    """A floor strewn with flower heads, for the pictures that need one."""
    return "".join(placed(x, y + 3 + dy, marigold(9 + 9 * s, s > 0.5)) for x, dy, s in scattered(40, 7, WIDTH, 70))


def _walnuts() -> list[str]:
    return [
        placed(x, y, ellipse(0, 0, 19, 16, "#9a6a3c"), stroke("M-17 0C-8 -7 8 7 17 0M-8 -10q6 4 2 9M6 -11q4 6 -1 10", "#6b4522", 2.5))
        for x, y in ((-50, -14), (-18, -18), (-36, -36))
    ]


def _tika() -> list[str]:
    colours = ("#e23a3a", "#f7c531", "#2f9e4f", "#3a6fd0", "#f5f1e6", "#f28c28", "#7a3fa0")
    return [ellipse(14 + i % 4 * 21 + i // 4 * 10, -12 - i // 4 * 15, 9, 6, colour) for i, colour in enumerate(colours)]
