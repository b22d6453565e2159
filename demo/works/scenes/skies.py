"""Under the open sky: fireworks over a southern beach, and the nine stars over a ridge."""

import math

from demo.works.drawing import (
    WIDTH,
    circle,
    ellipse,
    glow,
    hills,
    path,
    petal,
    placed,
    polygon,
    rect,
    ring_of,
    scattered,
    sheet,
    stars,
    stroke,
    wash,
)
from demo.works.motifs import (
    firework,
    steam,
)


def barefoot_until_midnight() -> str:
    """A beach on the last night of a southern December, fireworks over the bay, an esky and two chairs."""
    sky = wash("#141a4a", "#d3597a", height=520) + stars(70, 8, 260)
    bursts = "".join(
        placed(x, y, firework(r, c))
        for x, y, r, c in ((330, 190, 150, "#ffce6b"), (760, 140, 118, "#7ee0d6"), (1010, 270, 88, "#ff8fa3"), (560, 320, 66, "#fff0b8"))
    )
    head = hills([(0, 470), (160, 430), (300, 468), (420, 505)], "#1d1b45", 530) + hills(
        [(820, 505), (980, 452), (1200, 420)], "#1d1b45", 530
    )
    sea = wash("#3c3f83", "#1f6f8b", 0, 505, WIDTH, 190)
    shine = "".join(rect(x, 512 + y, 24 + 60 * s, 3.4, "#ffd9a0", opacity=0.25 + 0.5 * s, rx=2) for x, y, s in scattered(60, 4, 1160, 150))
    foam = path("M0 690C160 664 300 706 470 684C640 662 800 708 960 684C1060 670 1140 690 1200 682V720H0Z", "#dff3ef")
    sand = path("M0 706C160 680 300 722 470 700C640 678 800 724 960 700C1060 686 1140 706 1200 698V900H0Z", "#d9a066") + wash(
        "#d9a066", "#8a5a4a", 0, 760, WIDTH, 140
    )
    return sheet(
        sky,
        bursts,
        head,
        sea,
        shine,
        foam,
        sand,
        placed(330, 840, beach_tree()),
        placed(640, 850, _deck_chair("#e4572e")),
        placed(800, 862, _deck_chair("#2aa6a1")),
        _esky(),
        _prints(),
    )


def beach_tree() -> str:
    """A driftwood Christmas tree stuck in the sand, strung with shells and small lights."""
    trunk = stroke("M0 20V-330", "#8f7a66", 13)
    branches = "".join(
        stroke(f"M{-w} {y + 14}Q0 {y - 12} {w} {y + 10}", "#b8a48d" if i % 2 else "#a08d77", 11)
        for i, (y, w) in enumerate(zip(range(-40, -300, -48), (128, 110, 90, 70, 48, 26), strict=True))
    )
    lights = "".join(
        circle(x, y, 7, colour) + glow(x, y, 30, colour, 0.6)
        for (x, y), colour in zip(_bulbs(), ("#ffd76b", "#ff7a5c", "#7ee0d6") * 6, strict=True)
    )
    return (
        ellipse(0, 20, 120, 14, "#5d3b33", opacity=0.4)
        + trunk
        + branches
        + lights
        + placed(0, -336, ring_of(0, 0, 5, petal(34, 12, "#f7e3b5")))
    )


def _bulbs() -> list[tuple[float, float]]:
    return [
        (w * k, y + 8 - 5 * (1 - abs(k)))
        for y, w in zip(range(-40, -300, -48), (128, 110, 90, 70, 48, 26), strict=True)
        for k in (-0.8, 0.05, 0.85)
    ]


def _deck_chair(cloth: str) -> str:
    frame = stroke("M-62 0L46 -130M-56 -128L58 0M-30 -34H74", "#5a3a2a", 9)
    return (
        ellipse(0, 4, 84, 10, "#4a2c28", opacity=0.35)
        + frame
        + path("M-56 -130C-30 -60 0 -40 44 -44L58 -30C10 -22 -44 -46 -70 -126Z", cloth)
        + path("M-46 -112C-24 -62 6 -42 46 -42L50 -38C6 -36 -32 -60 -54 -114Z", "#ffffff", opacity=0.4)
    )


def _esky() -> str:
    body = (
        rect(-66, -70, 132, 74, "#e9eef0", rx=8)
        + rect(-72, -92, 144, 28, "#c8402f", rx=8)
        + rect(-20, -112, 40, 12, "none", rx=5, stroke="#7a2a20", stroke_width=6)
    )
    return placed(985, 848, ellipse(0, 6, 84, 10, "#4a2c28", opacity=0.35), body, rect(-66, -40, 132, 10, "#c8402f", opacity=0.25))


def _prints() -> str:
    walk = ((470 + i * 26, 890 - i * 19 + (10 if i % 2 else 0)) for i in range(7))
    return "".join(
        placed(x, y, ellipse(0, 0, 7, 12, "#7d4f41", opacity=0.6), circle(0, -15, 3.5, "#7d4f41", opacity=0.6), turn=50) for x, y in walk
    )


# The nine stars of Matariki as Māori tradition names them, in their places around Matariki herself (x, y, brightness).
CLUSTER = (
    (0, 0, 1.0),
    (-84, 34, 0.72),
    (-40, 92, 0.66),
    (62, 66, 0.7),
    (118, 8, 0.62),
    (74, -58, 0.66),
    (-22, -74, 0.72),
    (-112, -40, 0.55),
    (150, -66, 0.5),
)


def nine_over_the_hill() -> str:
    """Midwinter before dawn: the cluster over the ridge, steam from the oven in the ground, people turned to the east."""
    sky = wash("#060a24", "#3a4f86", height=480) + wash("#3a4f86", "#e2a56b", 0, 480, WIDTH, 200) + stars(150, 11, 480, "#cfdcff")
    cluster = placed(760, 210, *(placed(x * 1.25, y * 1.25, _bright(b)) for x, y, b in CLUSTER))
    far = hills([(0, 600), (220, 540), (430, 610), (640, 560), (880, 640), (1200, 570)], "#22305c")
    near = hills([(0, 690), (260, 640), (560, 720), (860, 670), (1200, 740)], "#111b3a")
    ground = hills([(0, 800), (400, 760), (800, 800), (1200, 776)], "#080e22")
    oven = placed(
        250,
        790,
        glow(0, 0, 150, "#ff9a4a", 0.6),
        ellipse(0, 0, 74, 15, "#3a1a14"),
        ellipse(0, -2, 52, 9, "#ff8a3c", opacity=0.8),
        placed(0, -8, steam(420, "#dfe6ff", 0.42), scale=1.15),
    )
    people = "".join(
        placed(x, y, _watcher(cloak), scale=s)
        for x, y, s, cloak in (
            (470, 806, 1.0, "#3b2a3d"),
            (536, 812, 0.66, "#7b3a35"),
            (600, 808, 0.94, "#2c3f3a"),
            (668, 814, 0.52, "#8a6a34"),
        )
    )
    return sheet(sky, cluster, far, near, ground, oven, people)


def _bright(size: float) -> str:
    points = [(r * math.sin(math.pi * i / 4), -r * math.cos(math.pi * i / 4)) for i, r in enumerate((26 * size, 5 * size) * 4)]
    return glow(0, 0, 74 * size, "#e7efff", 0.65) + polygon(points, "#ffffff") + circle(0, 0, 6 * size, "#ffffff")


def _watcher(cloak: str) -> str:
    return (
        path("M-26 0C-28 -60 -22 -96 0 -100C22 -96 28 -60 26 0Z", cloak)
        + circle(2, -116, 17, "#1a1420")
        + stroke("M20 -84C24 -60 26 -30 25 -4", "#e2a56b", 3, opacity=0.7)
    )
