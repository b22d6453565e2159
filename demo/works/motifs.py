"""The things that the pictures share, so that a remix can take up exactly what its source drew; each is drawn around (0, 0)."""

import math

from demo.works.drawing import (
    around,
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
    stroke,
)

BRASS, BRASS_DARK, BRASS_LIGHT = "#c9902f", "#8a5a1a", "#f0c66a"
FLAME, FLAME_CORE = "#ffb13b", "#fff3c4"


def flame(height: float = 30) -> str:
    """A flame whose foot is at (0, 0)."""
    return petal(height, height * 0.42, FLAME) + petal(height * 0.6, height * 0.22, FLAME_CORE)


def candle(height: float, width: float = 18, wax: str = "#f7efe0", lit: bool = True) -> str:
    """A candle that stands on (0, 0)."""
    shade = rect(width * 0.15, -height, width * 0.35, height, "#000000", opacity=0.1)
    wick = stroke(f"M0 {-height}v-9", "#3a2a20", 2.5)
    burning = glow(0, -height - 22, 70, FLAME, 0.75) + wick + placed(0, -height - 6, flame(width * 1.9)) if lit else wick
    return rect(-width / 2, -height, width, height, wax, rx=3) + shade + burning


def lantern(pane: str = "#2f9e6e", second: str = "#c8402f") -> str:
    """A Cairo tin lantern, 150 wide and 330 high, hanging from its ring at (0, 0)."""
    ring = circle(0, 14, 13, "none", stroke=BRASS, stroke_width=6)
    dome = path("M-46 92C-46 44 -18 40 0 26C18 40 46 44 46 92Z", BRASS) + path(
        "M8 34C24 44 46 50 46 92H20C22 64 18 46 8 34Z", BRASS_DARK, opacity=0.55
    )
    eaves = path("M-66 108L-48 90H48L66 108Z", BRASS_LIGHT) + rect(-66, 106, 132, 9, BRASS_DARK)
    return glow(0, 180, 250, "#ffd27a", 0.55) + ring + dome + eaves + _lantern_body(pane, second) + _lantern_foot()


def _lantern_body(pane: str, second: str) -> str:
    light = glow(0, 190, 88, FLAME_CORE, 0.95)
    edges = [(-58, 115, -22, 115, -16, 262, -40, 262), (-22, 115, 22, 115, 16, 262, -16, 262), (22, 115, 58, 115, 40, 262, 16, 262)]
    fills = (second, pane, second)
    panes = "".join(
        polygon(zip(e[::2], e[1::2], strict=True), fill, stroke=BRASS_DARK, stroke_width=5) for e, fill in zip(edges, fills, strict=True)
    )
    arches = "".join(
        path(f"M{x - w} 250V165C{x - w} 138 {x + w} 138 {x + w} 165V250Z", "#fff0b8", opacity=0.33) for x, w in ((-35, 8), (0, 12), (35, 8))
    )
    cut = ring_of(0, 196, 8, petal(22, 5, "#fff6d6", opacity=0.9))
    return panes + arches + light + cut


def _lantern_foot() -> str:
    return rect(-44, 260, 88, 10, BRASS) + path("M-44 270L-60 300H60L44 270Z", BRASS_DARK) + rect(-64, 298, 128, 12, BRASS, rx=3)


def rangoli(r: float, powders: tuple[str, ...] = ("#f2f0e6", "#e0457b", "#f6a623", "#2fa39a", "#7a3fa0")) -> str:
    """A powder drawing of radius r around (0, 0): dots, petals and a lamp in the middle."""
    white, rose, saffron, teal, violet = powders
    outer = ring_of(0, 0, 16, petal(r * 0.34, r * 0.11, violet), out=r * 0.6) + ring_of(
        0, 0, 16, petal(r * 0.22, r * 0.06, white), out=r * 0.64
    )
    border = "".join(circle(x, y, r * 0.028, saffron) for x, y in around(0, 0, r * 0.97, 16, 11.25))
    lobes = "".join(circle(x, y, r * 0.14, teal) + circle(x, y, r * 0.075, white) for x, y in around(0, 0, r * 0.6, 16, 11.25))
    band = circle(0, 0, r * 0.5, "none", stroke=white, stroke_width=r * 0.022)
    inner = ring_of(0, 0, 8, petal(r * 0.46, r * 0.17, rose)) + ring_of(0, 0, 8, petal(r * 0.38, r * 0.1, saffron), start=22.5)
    dots = "".join(circle(x, y, r * 0.024, white) for x, y in around(0, 0, r * 0.43, 8, 22.5))
    heart = circle(0, 0, r * 0.15, white) + circle(0, 0, r * 0.12, violet) + ring_of(0, 0, 8, petal(r * 0.1, r * 0.03, saffron))
    return outer + border + lobes + band + inner + dots + heart


def diya(scale: float = 1.0) -> str:
    """A clay lamp, lit, standing on (0, 0)."""
    bowl = (
        path("M-44 -22C-40 8 40 8 44 -22C20 -12 -20 -12 -44 -22Z", "#a64b2a")
        + ellipse(0, -21, 43, 9, "#d9763f")
        + ellipse(0, -21, 34, 6, "#6b2c17")
    )
    return placed(0, 0, glow(0, -40, 110, FLAME, 0.6), bowl, placed(0, -22, flame(40)), scale=scale)


def krathong(flower: str = "#e86a92") -> str:
    """A float of folded banana leaf, 190 wide, with flowers, a candle and three sticks of incense, on water at y = 0."""
    leaves = "".join(placed(x, 0, petal(54 - abs(x) * 0.12, 17, leaf), turn=x * 0.42) for x, leaf in _leaves(88, 11, "#2f7d4a", "#3f9a5c"))
    front = "".join(placed(x, 8, petal(36, 15, leaf), turn=x * 0.5) for x, leaf in _leaves(80, 9, "#55b06f", "#46a164"))
    flowers = "".join(placed(x, -36, ring_of(0, 0, 6, petal(17, 7, flower)), circle(0, 0, 5, "#ffd76b")) for x in (-44, 44))
    incense = "".join(
        stroke(f"M{x} -30L{x * 1.6:.1f} -112", "#7a4a2a", 2.5) + circle(x * 1.6, -113, 3.4, "#ff7a3c") for x in (-14.0, 16.0, 24.0)
    )
    return ellipse(0, 10, 100, 16, "#0d2b3a", opacity=0.45) + leaves + incense + placed(0, -24, candle(52, 13, "#fbe7b2")) + flowers + front


def _leaves(reach: float, count: int, first: str, second: str) -> list[tuple[float, str]]:
    return [(-reach + 2 * reach * i / (count - 1), first if i % 2 else second) for i in range(count)]


def banner(paper: str, hole: str, pattern: int = 0) -> str:
    """One sheet of papel picado, 170 by 200, hanging from (0, 0); what is cut out shows the colour of the hole."""
    fringe = "".join(f"L{85 - 17 * (2 * i + 1):.0f} 218L{85 - 34 * (i + 1):.0f} 196" for i in range(5))
    sheet_of_paper = path(f"M-85 0H85V196{fringe}Z", paper)
    middle = (_cut_bird, _cut_pot, _cut_flower)[pattern % 3](hole)
    diamonds = "".join(polygon(around(x, 28, 10, 4), hole) for x in range(-64, 65, 32))
    dots = "".join(circle(x, 176, 6, hole) for x in range(-68, 69, 17))
    sides = "".join(placed(side * 68, y, petal(22, 6, hole)) for side in (-1, 1) for y in (84, 118, 152))
    return sheet_of_paper + diamonds + dots + sides + middle


def _cut_bird(hole: str) -> str:
    body = path("M-46 118C-30 84 6 84 20 100L48 86C44 110 26 138 -4 140C-22 141 -38 134 -46 118Z", hole)
    return body + placed(-6, 100, petal(42, 14, hole), turn=24) + circle(-34, 66, 7, hole) + stroke("M-58 152H56", hole, 6)


def _cut_pot(hole: str) -> str:
    pot = path("M-40 108H40C44 132 30 152 0 152C-30 152 -44 132 -40 108Z", hole)
    return pot + "".join(stroke(f"M{x} 94c-10 -12 10 -20 0 -34", hole, 6) for x in (-22, 0, 22))


def _cut_flower(hole: str) -> str:
    return (
        ring_of(0, 106, 8, petal(34, 11, hole), out=12)
        + circle(0, 106, 9, hole)
        + ring_of(0, 106, 8, petal(12, 4, hole), start=22.5, out=30)
    )


def bowl(glaze: str, inside: str, filling: str = "") -> str:
    """A bowl 150 wide, standing on (0, 0), its filling drawn around the middle of the opening."""
    body = path("M-75 -62C-70 -8 -34 0 0 0C34 0 70 -8 75 -62Z", glaze) + path(
        "M30 -4C60 -14 72 -36 75 -62H52C50 -34 44 -16 30 -4Z", "#000000", opacity=0.12
    )
    return ellipse(0, 2, 62, 9, "#000000", opacity=0.18) + body + ellipse(0, -62, 75, 17, inside) + placed(0, -62, filling)


def sprouts() -> str:
    """Wheat grown in a dish for Nowruz, tied with a ribbon."""
    blades = "".join(
        stroke(f"M{x} 4Q{x * 1.1:.0f} -40 {x * 1.35 + (x % 3) * 4 - 4:.0f} {-74 - (x * x) % 17}", shade, 4) for x, shade in _blades()
    )
    return blades + path("M-62 -22C-30 -12 30 -12 62 -22V-8C30 2 -30 2 -62 -8Z", "#c8402f")


def _blades() -> list[tuple[int, str]]:
    return [(x, ("#4f9a3d", "#6cb84f", "#3d8332")[x % 3]) for x in range(-60, 61, 5)]


def pomegranate() -> str:
    """A pomegranate 90 wide, standing on (0, 0), a wedge of its rind open."""
    crown = polygon([(-16, -84), (-20, -108), (-7, -94), (0, -110), (8, -94), (20, -106), (16, -84)], "#a02536")
    rind = circle(0, -43, 45, "#bf2f41") + path("M20 -83A45 45 0 0 1 20 -3A60 60 0 0 0 20 -83Z", "#8f1f30", opacity=0.7)
    wedge = path("M-22 -74C-46 -50 -40 -20 -12 -10C-2 -30 -6 -56 -22 -74Z", "#f6e2c0")
    seeds = "".join(circle(x, y, 5.2, "#d7263d") for x, y in ((-22, -58), (-30, -46), (-18, -46), (-30, -33), (-18, -33), (-20, -21)))
    return crown + rind + wedge + seeds


def tamale(turn: float = 0.0) -> str:
    """A tamale in its husk, 150 long, lying around (0, 0)."""
    husk = path("M-64 -22C-30 -32 34 -32 62 -20L84 -30C78 -8 80 8 88 26L62 20C34 32 -30 32 -64 22C-74 8 -74 -8 -64 -22Z", "#e9cf93")
    ribs = "".join(stroke(f"M-60 {y}C-20 {y * 1.3:.1f} 30 {y * 1.3:.1f} 78 {y * 0.9:.1f}", "#c9a45c", 2.5) for y in (-14, -5, 4, 13))
    return placed(0, 0, husk, ribs, stroke("M50 -25C44 -8 44 8 50 25", "#a87b34", 6), turn=turn)


def steam(height: float, colour: str = "#ffffff", opacity: float = 0.4) -> str:
    """Three wavering threads that rise from (0, 0)."""
    threads = ((-34, 9, 0.0), (0, 13, 1.3), (36, 8, 2.6))
    return group(*(stroke(line(_wavering(x, height, phase)), colour, width) for x, width, phase in threads), opacity=opacity)


def _wavering(x: float, height: float, phase: float) -> list[tuple[float, float]]:
    return [(x + (8 + 22 * t) * math.sin(phase + 8 * t), -height * t) for t in (i / 24 for i in range(25))]


def menorah(lit: int = 8) -> str:
    """A Hanukkah lamp 560 wide, standing on (0, 0): a stub for a helper in the middle, eight lights filled from the right."""
    arms = "".join(
        stroke(f"M{-reach} -300V-262C{-reach} {-262 + reach:.0f} {reach} {-262 + reach:.0f} {reach} -262V-300", BRASS, 13)
        for reach in (64, 128, 192, 256)
    )
    stem = stroke("M0 -336V-30", BRASS, 18) + path("M-92 0C-80 -34 -30 -40 0 -40C30 -40 80 -34 92 0Z", BRASS_DARK)
    places = [x for x in range(256, -257, -64) if x]
    cups = "".join(rect(x - 17, -314, 34, 16, BRASS_LIGHT, rx=5) for x in places) + rect(-20, -352, 40, 18, BRASS_LIGHT, rx=5)
    lights = "".join(placed(x, -314, candle(62, 15, "#dfe8f3", lit=i < lit)) for i, x in enumerate(places))
    return stem + arms + cups + lights + placed(0, -352, _birthday_stub())


def _birthday_stub() -> str:
    """The striped end of a birthday candle that stands in as the helper."""
    stripes = "".join(stroke(f"M-7 {y}L7 {y - 8}", "#e0457b", 4) for y in (-6, -18, -30))
    return candle(40, 15, "#fdf3f0") + stripes + ellipse(0, -2, 11, 4, "#ffffff")


def kinara(lit: int = 7) -> str:
    """A Kwanzaa candle holder 460 wide, standing on (0, 0): three red, one black, three green."""
    wood = path("M-230 0L-206 -48H206L230 0Z", "#6a3f22") + path("M-206 -48H206V-64H-206Z", "#8a5630")
    carving = "".join(polygon(around(x, -24, 13, 4), "#d9a441") for x in range(-156, 157, 52))
    waxes = ("#b3261e",) * 3 + ("#1d1a1a",) + ("#1f7a3f",) * 3
    return (
        wood
        + carving
        + "".join(placed(-174 + 58 * i, -64, candle(150 if i == 3 else 118, 22, wax, lit=i < lit)) for i, wax in enumerate(waxes))
    )


def garland(width: float, sag: float) -> str:
    """A rope of marigolds and mango leaves that hangs from (0, 0) to (width, 0)."""
    count = round(width / 34)
    spots = [(width * i / count, sag * math.sin(math.pi * i / count)) for i in range(count + 1)]
    leaves = "".join(placed(x, y + 8, petal(46, 11, "#2f7d3a"), turn=180) for i, (x, y) in enumerate(spots) if i % 3 == 1)
    return stroke(line(spots), "#5a3a1a", 3) + leaves + "".join(placed(x, y, marigold(17, i % 2 == 0)) for i, (x, y) in enumerate(spots))


def marigold(r: float, orange: bool = True) -> str:
    """One flower head of radius r."""
    deep, light = ("#d9661a", "#f28c28") if orange else ("#d99a12", "#f7c531")
    return (
        ring_of(0, 0, 12, petal(r, r * 0.3, deep))
        + ring_of(0, 0, 10, petal(r * 0.72, r * 0.26, light), start=15)
        + circle(0, 0, r * 0.25, deep)
    )


def firework(r: float, colour: str, spokes: int = 18) -> str:
    """A burst of radius r."""
    rays = "".join(
        stroke(line([(x * 0.35, y * 0.35), (x, y)]), colour, 3.2, opacity=0.85) + circle(x, y, 4, "#fffbe6")
        for x, y in around(0, 0, r, spokes)
    )
    inner = "".join(stroke(line([(x * 0.3, y * 0.3), (x, y)]), "#fff4c9", 2.2, opacity=0.75) for x, y in around(0, 0, r * 0.55, spokes, 10))
    return glow(0, 0, r * 1.15, colour, 0.35) + rays + inner


def moon(r: float, colour: str = "#fff1c9") -> str:
    """A full moon with its halo."""
    seas = "".join(
        circle(r * x, r * y, r * s, "#e6cf96", opacity=0.5) for x, y, s in ((-0.3, -0.2, 0.22), (0.25, 0.15, 0.3), (-0.1, 0.5, 0.14))
    )
    return glow(0, 0, r * 3.2, colour, 0.45) + circle(0, 0, r, colour) + seas
