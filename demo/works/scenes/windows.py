"""Windows in winter: the saffron buns, the seven candles on the same sill, the lamp beside the railway."""

from demo.works.drawing import (
    HEIGHT,
    WIDTH,
    circle,
    ellipse,
    glow,
    group,
    hills,
    path,
    petal,
    placed,
    polygon,
    rect,
    ring_of,
    scattered,
    sheet,
    snow,
    stroke,
    wash,
)
from demo.works.motifs import candle, kinara, menorah


def window_with_saffron_buns() -> str:
    """A kitchen window on the thirteenth of December before light: snow outside, a star, seven candles and the buns on the sill."""
    return sheet(
        winter_window(), _sill_buns(), "".join(placed(372 + i * 76, 664, candle(74 + 14 * (3 - abs(3 - i)), 17)) for i in range(7))
    )


def winter_window() -> str:
    """A wall with a deep window in it: night, a lit farm and falling snow behind the panes."""
    wall = rect(0, 0, WIDTH, HEIGHT, "#5a3040") + "".join(rect(x, 0, 3, HEIGHT, "#4d2836") for x in range(40, 1200, 80))
    night = wash("#0d1b3d", "#40629a", 270, 70, 660, 590) + hills(
        [(270, 520), (430, 480), (640, 530), (800, 490), (930, 515)], "#dbe6f4", 660
    )
    farm = placed(
        720,
        505,
        rect(-46, -40, 92, 46, "#8f2f2a"),
        polygon([(-58, -38), (0, -84), (58, -38)], "#f4f8ff"),
        rect(-14, -24, 28, 22, "#ffd27a"),
        glow(0, -14, 70, "#ffd27a", 0.6),
    )
    firs = "".join(
        placed(
            x,
            y,
            polygon([(0, -120), (34, -40), (-34, -40)], "#1d3b46"),
            polygon([(0, -84), (46, 6), (-46, 6)], "#1d3b46"),
            polygon([(0, -120), (16, -82), (-12, -76)], "#eef4fb"),
            scale=s,
        )
        for x, y, s in ((350, 560, 1.1), (430, 540, 0.7), (860, 555, 1.0))
    )
    flakes = group(snow(90, 6, 640, 570), transform="translate(280 80)")
    frame = "".join(
        rect(*box, "#f1e4d3")
        for box in ((250, 50, 700, 26), (250, 50, 26, 620), (924, 50, 26, 620), (588, 60, 22, 610), (262, 330, 676, 18))
    )
    curtain = rect(120, 34, 960, 10, "#3d1f2c", rx=5) + "".join(placed(600 + side * 372, 38, _curtain(side)) for side in (-1, 1))
    sill = rect(210, 664, 780, 34, "#f7ecdc") + rect(210, 696, 780, 12, "#c9b59a") + rect(0, 780, WIDTH, 120, "#3d1f2c")
    return wall + night + farm + firs + flakes + frame + _paper_star() + curtain + sill


def _curtain(side: int) -> str:
    cloth = path(f"M{-10 * side} 0C{-20 * side} 220 {70 * side} 400 {44 * side} 640H{150 * side}V0Z", "#e9dcc6")
    return cloth + "".join(
        stroke(f"M{x * side} 4C{(x - 6) * side} 220 {(x + 26) * side} 400 {(x + 18) * side} 634", "#d3c2a6", 4) for x in (28, 62, 96, 126)
    )


def _paper_star() -> str:
    return stroke("M600 40V150", "#3d1f2c", 3) + placed(
        600,
        215,
        glow(0, 0, 150, "#ffd98a", 0.7),
        ring_of(0, 0, 7, petal(88, 22, "#ffe3a3")),
        ring_of(0, 0, 7, petal(56, 16, "#f7b75a"), start=25.7),
        circle(0, 0, 15, "#fff6da"),
    )


def _sill_buns() -> str:
    bun = (
        stroke("M-34 -14C-40 -44 2 -44 0 -18C-2 10 40 10 34 -20", "#b9721f", 27)
        + stroke("M-34 -14C-40 -44 2 -44 0 -18C-2 10 40 10 34 -20", "#e3a13c", 20)
        + circle(-22, -20, 6, "#3a1b1a")
        + circle(22, -16, 6, "#3a1b1a")
    )
    plate = ellipse(0, 12, 250, 30, "#2d1520", opacity=0.5) + ellipse(0, 0, 250, 34, "#dfe7ee") + ellipse(0, -4, 205, 24, "#f7fafc")
    return placed(
        600, 812, plate, *(placed(x, y, bun) for x, y in ((-120, -16), (-40, -22), (40, -22), (120, -16), (-80, -54), (0, -60), (80, -54)))
    )


def seven_at_the_window() -> str:
    """The winter window of the saffron buns, its sill given to the seven candles of Kwanzaa, the mat, corn and the cup."""
    mat = polygon([(170, 900), (1030, 900), (930, 750), (270, 750)], "#c89b52") + "".join(
        stroke(f"M{270 - i * 20} {750 + i * 30}H{930 + i * 20}", "#8a5f2a", 4) for i in range(1, 5)
    )
    stripes = "".join(
        polygon([(x, 750), (x + 16, 750), (x + 16 + (x - 600) * 0.3, 900), (x + (x - 600) * 0.3, 900)], colour)
        for x, colour in ((330, "#b3261e"), (470, "#1d1a1a"), (720, "#1d1a1a"), (856, "#1f7a3f"))
    )
    corn = "".join(placed(x, 846, _corn(), turn=t) for x, t in ((300, 62), (372, 74)))
    return sheet(winter_window(), mat, stripes, placed(600, 830, kinara()), corn, placed(905, 858, _unity_cup()))


def _corn() -> str:
    kernels = "".join(circle(x, y, 5.4, "#f4c430" if (x + y) % 3 else "#e0a020") for x in range(-12, 13, 8) for y in range(-96, -8, 10))
    return (
        path("M-18 -6C-22 -60 -14 -100 0 -112C14 -100 22 -60 18 -6Z", "#d99a12")
        + kernels
        + path("M-20 0C-34 -40 -26 -66 -16 -76C-14 -44 -6 -20 0 0C6 -20 14 -44 16 -76C26 -66 34 -40 20 0Z", "#6f9a4a")
    )


def _unity_cup() -> str:
    return (
        ellipse(0, 2, 44, 8, "#000000", opacity=0.3)
        + path("M-34 0H34L8 -18V-50H-8V-18Z", "#7a4a24")
        + path("M-46 -130C-46 -70 -24 -50 0 -50C24 -50 46 -70 46 -130Z", "#9a6233")
        + ellipse(0, -130, 46, 10, "#4a2a14")
    )


def eight_and_the_helper() -> str:
    """The lamp of the story on its eighth night in a top-floor window in Chicago, the trains below, frost at the corners."""
    night = wash("#0a1430", "#33406e")
    towers = "".join(
        rect(x, 250 + 260 * s, 74, 700, "#111c3d" if i % 2 else "#16234a")
        for i, (x, s) in enumerate((60 + i * 84, (i * 0.618) % 1) for i in range(13))
    )
    lit = "".join(rect(70 + i % 26 * 42, 560 + i // 26 * 30, 9, 13, "#ffd98a", opacity=0.75) for i in range(104) if (i * 7) % 5 < 2)
    train = rect(0, 700, WIDTH, 12, "#0a0f22") + "".join(
        rect(120 + i * 176, 656, 168, 44, "#8b98b8", rx=6) + "".join(rect(134 + i * 176 + w * 38, 664, 26, 18, "#ffe9a8") for w in range(4))
        for i in range(4)
    )
    pane = (
        "".join(rect(*box, "#3b2f3f") for box in ((0, 0, WIDTH, 30), (0, 0, 34, HEIGHT), (1166, 0, 34, HEIGHT)))
        + rect(0, 770, WIDTH, 130, "#54414f")
        + rect(0, 770, WIDTH, 12, "#6e5664")
    )
    frost = "".join(circle(x, y, 2 + 6 * s, "#eaf2ff", opacity=0.16 + 0.3 * s) for x, y, s in scattered(90, 14, 300, 260) if x + y < 270)
    corners = placed(34, 30, frost) + group(frost, transform="translate(1166 30) scale(-1 1)")
    return sheet(
        night,
        towers,
        lit,
        train,
        pane,
        corners,
        placed(600, 812, menorah(), scale=1.25),
        ellipse(600, 816, 190, 12, "#2f2330", opacity=0.5),
        _matchbox(),
    )


def _matchbox() -> str:
    return placed(
        980,
        838,
        rect(-58, -34, 116, 40, "#b3392b", rx=3),
        rect(-50, -27, 100, 26, "#f3e6c8"),
        stroke("M-34 -14H30", "#b3392b", 5),
        placed(-120, 0, stroke("M-30 0L24 -12", "#d9b483", 5), circle(26, -12, 5, "#2a1a1a")),
    )
