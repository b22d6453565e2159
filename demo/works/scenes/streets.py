"""Out of doors: the cut papers over a courtyard, the lantern over its alley, the pot in the yard under the papers."""

from demo.works.drawing import (
    WIDTH,
    circle,
    ellipse,
    glow,
    group,
    hills,
    line,
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
from demo.works.motifs import banner, lantern, steam, tamale


def cut_with_a_chisel() -> str:
    """Four rows of papel picado across a courtyard, the evening sky in what was cut away."""
    dusk = wash("#f7b267", "#c8506b")
    walls = polygon([(0, 330), (250, 420), (250, 900), (0, 900)], "#7b2d4a") + polygon(
        [(1200, 300), (950, 410), (950, 900), (1200, 900)], "#6b2542"
    )
    back = (
        rect(250, 560, 700, 340, "#93385a")
        + path("M500 900V700C500 590 700 590 700 700V900Z", "#f9d27d")
        + glow(600, 800, 230, "#ffe2a0", 0.7)
    )
    door = rect(592, 625, 16, 275, "#7b2d4a") + "".join(rect(x, 660, 46, 70, "#5d1f3b") for x in (316, 392, 762, 838))
    pots = "".join(
        placed(x, 900, *_flower_pot(colour)) for x, colour in ((330, "#e0457b"), (420, "#f6a623"), (800, "#e0457b"), (890, "#f5efe0"))
    )
    return sheet(
        dusk,
        walls,
        back,
        door,
        pots,
        *(papel_picado(y, drop, size, first) for y, drop, size, first in ((-8, 60, 0.62, 0), (112, 70, 0.8, 2), (262, 80, 1.0, 4))),
    )


def _flower_pot(colour: str) -> tuple[str, ...]:
    heads = (
        placed(x, y, ring_of(0, 0, 7, petal(20, 8, colour)), circle(0, 0, 6, "#ffe08a")) for x, y in ((-24, -92), (4, -112), (28, -88))
    )
    return (
        polygon([(-34, -60), (34, -60), (24, 0), (-24, 0)], "#c4613a"),
        stroke("M-24 -88L-6 -60M4 -108V-60M28 -84L8 -60", "#2f6b3f", 5),
        *heads,
    )


PAPERS = ("#d81e5b", "#f9c22e", "#2aa6a1", "#6a4c93", "#f46036", "#3f88c5")


def papel_picado(y: float, drop: float, size: float, first: int, hole: str = "#f6ad6c") -> str:
    """A string of cut papers across the sheet, sagging by drop."""
    count = round(1250 / (186 * size))
    step = WIDTH / count
    places = [(step * (i + 0.5), y + drop * (1 - ((i + 0.5) / count * 2 - 1) ** 2)) for i in range(count)]
    cord = stroke(line([(0, y), *places, (WIDTH, y)]), "#4a1a2e", 3)
    papers = (
        placed(x, top, banner(PAPERS[(first + i) % 6], hole, first + i), scale=size, turn=((i * 7) % 5 - 2) * 1.1)
        for i, (x, top) in enumerate(places)
    )
    return cord + group(*papers, opacity=0.97)


def green_pane() -> str:
    """The mended lantern of the story, over the alley behind Bab Zuweila, the smaller ones down the lane."""
    night = wash("#241a52", "#b0587a", height=700) + stars(60, 8, 300)
    left = polygon([(0, 60), (350, 250), (430, 330), (430, 900), (0, 900)], "#3a2247") + polygon(
        [(430, 330), (480, 372), (480, 900), (430, 900)], "#553059"
    )
    right = polygon([(1200, 0), (850, 230), (770, 320), (770, 900), (1200, 900)], "#331d40") + polygon(
        [(770, 320), (720, 362), (720, 900), (770, 900)], "#553059"
    )
    gate = (
        path("M480 900V560C480 470 720 470 720 560V900Z", "#8a4a6c")
        + path("M530 900V620C530 545 670 545 670 620V900Z", "#f0a94e")
        + glow(600, 740, 250, "#ffcf7a", 0.6)
    )
    minarets = "".join(placed(x, 520, _minaret(), scale=1.25) for x in (512, 690))
    screens = "".join(
        placed(x, y, _mashrabiya(), scale=s) for x, y, s in ((130, 330, 1.2), (310, 420, 0.85), (1080, 300, 1.2), (880, 400, 0.85))
    )
    floor = polygon([(-200, 900), (480, 800), (720, 800), (1400, 900)], "#6b3a55") + polygon(
        [(420, 900), (540, 806), (660, 806), (780, 900)], "#e09a52", opacity=0.4
    )
    cords = stroke("M0 190C200 260 420 200 600 120S1000 160 1200 90", "#0f0820", 3)
    small = "".join(
        placed(x, y, lantern("#d9822b", "#2f6fb0"), scale=s)
        for x, y, s in ((215, 222, 0.42), (930, 133, 0.42), (1070, 125, 0.3), (440, 194, 0.3))
    )
    return sheet(night, minarets, gate, left, right, floor, screens, cords, small, placed(600, 120, lantern(), scale=1.3))


def _minaret() -> str:
    shaft = (
        polygon([(-22, 0), (-16, -170), (16, -170), (22, 0)], "#4a2b58")
        + rect(-24, -182, 48, 14, "#5f3a6b")
        + rect(-12, -240, 24, 60, "#4a2b58")
    )
    return shaft + path("M-15 -240C-15 -268 -6 -276 0 -292C6 -276 15 -268 15 -240Z", "#5f3a6b") + rect(-4, -226, 8, 26, "#f0a94e")


def _mashrabiya() -> str:
    box = rect(-60, -90, 120, 180, "#4b2c2f") + glow(0, 0, 110, "#ffb95e", 0.4)
    holes = "".join(circle(x, y, 6, "#ffcf7a", opacity=0.85) for x in range(-45, 46, 18) for y in range(-72, 73, 18))
    return box + holes + polygon([(-72, -90), (72, -90), (54, -112), (-54, -112)], "#5f3a34") + rect(-68, 88, 136, 14, "#5f3a34")


def steam_five_in_the_morning() -> str:
    """The pot of the story on its two bricks in the yard, the first dozen on the table, the street still dark behind the wall."""
    dawn = wash("#27375e", "#e79a6b", height=560) + stars(40, 3, 200)
    roofs = hills([(0, 420), (200, 400), (420, 430), (700, 396), (1000, 428), (1200, 404)], "#1f2a48", 600)
    wall = rect(0, 520, WIDTH, 380, "#a4553c") + "".join(
        rect(x + (y // 40 % 2) * 45, y, 84, 34, "#97492f") for x in range(-45, 1200, 90) for y in range(524, 760, 40)
    )
    paper = papel_picado(-30, 70, 0.7, 1, "#3b4a73")
    table = polygon([(0, 760), (WIDTH, 760), (WIDTH, 900), (0, 900)], "#6b3b2a") + rect(0, 760, WIDTH, 14, "#8a5138")
    pile = (
        (650, 742, 0),
        (790, 742, 4),
        (930, 742, -3),
        (1060, 738, 5),
        (715, 694, -4),
        (860, 692, 3),
        (1000, 694, -2),
        (790, 646, 2),
        (930, 646, -5),
    )
    heap = (
        ellipse(860, 776, 310, 26, "#3b1d14", opacity=0.5)
        + ellipse(860, 768, 310, 30, "#f3ede1")
        + "".join(placed(x, y, tamale(t)) for x, y, t in pile)
    )
    return sheet(
        dawn,
        roofs,
        paper,
        wall,
        table,
        placed(310, 800, tamale_pot()),
        heap,
        placed(860, 606, steam(250, "#ffffff", 0.32)),
        placed(310, 470, steam(430, "#ffffff", 0.4), scale=1.2),
    )


def tamale_pot() -> str:
    """The blue enamel pot, 320 wide, on two bricks over coals."""
    bricks = rect(-150, -60, 90, 60, "#7a3527") + rect(60, -60, 90, 60, "#7a3527")
    coals = (
        glow(0, -24, 120, "#ff6a2b", 0.9)
        + "".join(circle(x, -12, 12, "#d8431f") for x in (-40, -14, 12, 38))
        + "".join(circle(x, -20, 5, "#ffc15e") for x in (-28, 0, 26))
    )
    body = path("M-160 -320C-164 -180 -150 -70 -130 -62H130C150 -70 164 -180 160 -320Z", "#23518f") + path(
        "M90 -62H130C150 -70 164 -180 160 -320H118C124 -180 112 -90 90 -62Z", "#173a6b"
    )
    speckles = "".join(circle(-140 + x, -300 + y, 1.6 + 2 * s, "#dfe8f5", opacity=0.8) for x, y, s in scattered(60, 12, 250, 220))
    rim = ellipse(0, -320, 160, 30, "#122c52") + ellipse(0, -324, 148, 23, "#e9dcc0")
    ends = "".join(
        placed(x, -326, path("M-20 14C-24 -20 -8 -46 0 -54C8 -46 24 -20 20 14Z", "#e9cf93"), stroke("M0 10V-40", "#c9a45c", 2.5))
        for x in (-100, -52, 0, 50, 98)
    )
    handles = stroke("M-160 -260q-34 6 -30 50q2 16 22 18M160 -260q34 6 30 50q-2 16 -22 18", "#122c52", 11)
    return coals + bricks + handles + body + speckles + rim + ends + ellipse(0, -304, 157, 24, "none", stroke="#3f74b8", stroke_width=7)
