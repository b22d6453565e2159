"""The table of Nowruz, and the one where everything in the call comes together."""

from demo.works.drawing import (
    WIDTH,
    circle,
    ellipse,
    glow,
    group,
    line,
    path,
    petal,
    placed,
    polygon,
    rect,
    ring_of,
    sheet,
    stroke,
    wash,
)
from demo.works.motifs import bowl, candle, diya, kinara, lantern, menorah, pomegranate, rangoli, sprouts, steam, tamale
from demo.works.scenes.streets import papel_picado


def seven_beginning_with_s() -> str:
    """A haft-sin table in the last minutes of the year, the mirror behind it."""
    wall = wash("#23404f", "#3a6472", height=520)
    lattice = "".join(ring_of(x, y, 6, petal(24, 6, "#2c4f5f")) for x in range(60, 1200, 90) for y in (70, 160, 250, 340, 430))
    mirror = (
        ellipse(600, 270, 168, 204, "#8a5a1a")
        + ellipse(600, 270, 150, 186, "#b9d3d4")
        + ellipse(600, 270, 150, 186, "#e9f2ee", opacity=0.4)
        + stroke("M520 200L590 120M540 260L660 130", "#ffffff", 9, opacity=0.5)
    )
    return sheet(wall, lattice, mirror, haft_sin_cloth(), haft_sin_setting())


def haft_sin_cloth() -> str:
    """The table's cloth with its paisley border."""
    cloth = wash("#b5283f", "#8a1a33", 0, 500, WIDTH, 400) + rect(0, 500, WIDTH, 10, "#e9b44c")
    border = "".join(
        placed(x, 836, petal(44, 20, "#e9b44c"), petal(28, 11, "#8a1a33"), circle(0, 10, 6, "#e9b44c"), turn=18)
        for x in range(40, 1200, 80)
    )
    return cloth + border + rect(0, 862, WIDTH, 8, "#e9b44c")


def haft_sin_setting() -> str:
    """Sprouts, garlic, apples, sumac, coins, oleaster, pudding, with painted eggs, goldfish and candles."""
    back = placed(210, 600, bowl("#2a7f8e", "#1d5d69", sprouts()), scale=1.25) + placed(960, 615, _fish_bowl())
    candles = "".join(placed(x, 600, candle(h, 22, "#f6e7c8")) for x, h in ((440, 150), (760, 150), (390, 110), (810, 110)))
    sumac = bowl("#f1e3c6", "#7d1f2a", ellipse(0, -6, 56, 16, "#8f2630"))
    coins = bowl(
        "#355c7d",
        "#25445e",
        "".join(
            ellipse(x, y, 15, 7, "#e7b93c", stroke="#a67c1a", stroke_width=2)
            for x, y in ((-34, 0), (-6, -6), (24, -2), (-18, -14), (10, -16), (40, -10))
        ),
    )
    oleaster = bowl(
        "#6a8f4f",
        "#4f6e3a",
        "".join(ellipse(x, y, 13, 8, "#b5713a") for x, y in ((-40, -2), (-16, -8), (10, -4), (34, -8), (-26, -16), (0, -18), (24, -20))),
    )
    pudding = bowl("#e8d5b0", "#c58b3c", ellipse(0, -2, 60, 12, "#d8a04e") + ring_of(0, -3, 6, petal(12, 3, "#f8eedb")))
    front = "".join(placed(x, 770, b) for x, b in ((150, sumac), (400, coins), (800, oleaster), (1050, pudding)))
    return (
        candles
        + back
        + front
        + ellipse(608, 650, 74, 13, "#f1e3c6")
        + placed(608, 648, pomegranate(), scale=0.95)
        + _apples()
        + _garlic()
        + _eggs()
    )


def _fish_bowl() -> str:
    glass = circle(0, -84, 84, "#9fd3e0", opacity=0.35) + path("M-82 -96A84 84 0 1 0 82 -96Z", "#5fb0c9", opacity=0.55)
    fish = "".join(
        placed(
            x, y, path("M-22 0C-8 -14 14 -12 22 0C14 12 -8 14 -22 0ZM-20 0L-38 -12V12Z", "#f26b2b"), circle(12, -2, 2.4, "#33150a"), turn=t
        )
        for x, y, t in ((-20, -70, -8), (26, -48, 172))
    )
    return (
        ellipse(0, 0, 60, 9, "#000000", opacity=0.2)
        + fish
        + glass
        + ellipse(0, -96, 82, 13, "#c8e8ee", opacity=0.7)
        + stroke("M-56 -128A70 70 0 0 0 -66 -66", "#ffffff", 6, opacity=0.6)
    )


def _apples() -> str:
    spots = ((548, 778), (640, 778), (594, 742))
    return "".join(
        placed(
            x,
            y,
            circle(0, -36, 40, "#d43d2a"),
            ellipse(-12, -50, 9, 14, "#f08a6b", opacity=0.8),
            stroke("M0 -72q2 -14 10 -18", "#5a3a1a", 4),
        )
        for x, y in spots
    )


def _garlic() -> str:
    spots = ((258, 720), (298, 734))
    return "".join(
        placed(
            x,
            y,
            path("M0 -66C4 -46 34 -40 34 -18C34 2 -34 2 -34 -18C-34 -40 -4 -46 0 -66Z", "#f4ece0"),
            stroke("M-10 -42C-18 -28 -16 -12 -8 -6M10 -42C18 -28 16 -12 8 -6", "#cdbcab", 2.5),
        )
        for x, y in spots
    )


def _eggs() -> str:
    painted = ((704, 700, "#f2c14e", "#2a7f8e"), (748, 716, "#7fb7be", "#b5283f"), (700, 728, "#e27d60", "#f6e7c8"))
    return "".join(
        placed(
            x,
            y,
            ellipse(0, 0, 22, 28, shell),
            stroke("M-20 -4l10 8l10 -8l10 8l10 -8", paint, 4),
            circle(0, 14, 3.5, paint),
            circle(0, -15, 3.5, paint),
            turn=t,
        )
        for (x, y, shell, paint), t in zip(painted, (12, -14, 60), strict=True)
    )


def long_table() -> str:
    """One table for all: the lantern over it, lamp and candles on it, the bowls of Nowruz, the dish from the yard, an empty chair."""
    wall = wash("#2a1f38", "#5b3550", height=620) + rect(0, 620, WIDTH, 280, "#2f1a2c")
    paper = papel_picado(-50, 80, 0.62, 3, "#3f2a45")
    chairs = "".join(
        placed(x, 640, _chair(colour)) for x, colour in ((140, "#8a3f3a"), (370, "#2f6f73"), (830, "#8a6a2f"), (1060, "#5a4a86"))
    ) + placed(600, 632, _chair("#d9cdb4"))
    cloth = (
        polygon([(60, 590), (1140, 590), (1200, 900), (0, 900)], "#f2e8d8")
        + polygon([(60, 590), (1140, 590), (1146, 616), (54, 616)], "#e3d4bb")
        + _runner()
    )
    light = glow(600, 300, 560, "#ffd27a", 0.35)
    hanging = stroke("M600 0V60", "#140c1c", 4) + placed(600, 52, lantern(), scale=1.12)
    return sheet(wall, light, paper, hanging, chairs, cloth, _laid_for_all())


def _laid_for_all() -> str:
    """What stands on the long table, each thing as its own picture drew it."""
    back = (
        placed(250, 662, menorah(), scale=0.62)
        + placed(950, 668, kinara(), scale=0.72)
        + "".join(placed(x, 640, candle(80, 16)) for x in (520, 680))
    )
    left = (
        placed(120, 800, bowl("#2a7f8e", "#1d5d69", sprouts()))
        + placed(290, 846, bowl("#355c7d", "#25445e", ellipse(0, -4, 54, 12, "#e7b93c")))
        + placed(430, 800, pomegranate(), scale=0.85)
    )
    dish = (
        ellipse(650, 842, 180, 30, "#9c7f63", opacity=0.4)
        + ellipse(650, 832, 180, 32, "#ffffff")
        + "".join(placed(x, y, tamale(t), scale=0.85) for x, y, t in ((570, 816, 0), (700, 818, 4), (636, 780, -4)))
    )
    right = (
        placed(900, 800, bowl("#e8d5b0", "#c58b3c", ellipse(0, -3, 58, 12, "#d8a04e")))
        + placed(1060, 850, diya(1.1))
        + placed(1000, 800, diya(0.8))
    )
    return back + left + dish + placed(640, 750, steam(150, "#ffffff", 0.45), scale=0.8) + right


def _chair(colour: str) -> str:
    posts = stroke("M-70 20V-150M70 20V-150", colour, 15) + path(
        "M-78 -150C-40 -176 40 -176 78 -150V-112C40 -132 -40 -132 -78 -112Z", colour
    )
    return (
        posts
        + "".join(stroke(f"M{x} -120V20", colour, 8) for x in (-34, 0, 34))
        + path("M-78 -112C-40 -132 40 -132 78 -112V-104C40 -124 -40 -124 -78 -104Z", "#000000", opacity=0.2)
    )


def _runner() -> str:
    band = polygon([(520, 590), (680, 590), (740, 900), (460, 900)], "#b5283f")
    edges = stroke(line([(532, 590), (482, 900)]), "#e9b44c", 5) + stroke(line([(668, 590), (718, 900)]), "#e9b44c", 5)
    return band + edges + "".join(group(rangoli(34 + 14 * i), transform=f"translate(600 {640 + i * 84}) scale(1 0.4)") for i in range(3))
