"""The river at its second bend: with the floats, and with the lanterns that took their place."""

from demo.works.drawing import WIDTH, circle, ellipse, hills, path, placed, polygon, rect, scattered, sheet, stars, stroke, wash
from demo.works.motifs import krathong, lantern, moon


def river_second_bend() -> str:
    """A river at night, floats drifting away from the bank under a full moon."""
    return sheet(river_night(), placed(880, 190, moon(66)), river_floats(), reeds())


def lanterns_on_the_river() -> str:
    """The river of the floats at its second bend, carrying the lanterns of Cairo instead of leaf and flower."""
    spots = ((640, 512, 0.13), (770, 528, 0.17), (520, 545, 0.21), (900, 575, 0.3), (660, 615, 0.4), (1010, 690, 0.58), (400, 770, 0.86))
    panes = (("#2f9e6e", "#c8402f"), ("#2f6fb0", "#d9822b"), ("#b03a78", "#2f9e6e"))
    floats = "".join(_floating_lantern(x, y, s, *panes[i % 3]) for i, (x, y, s) in enumerate(spots))
    return sheet(river_night(), placed(880, 190, moon(66)), floats, reeds())


def river_night() -> str:
    """Sky, far bank and water with the moon's road on it."""
    sky = wash("#0b1a3a", "#27507a", height=470) + stars(110, 5, 400)
    bank = hills([(0, 430), (180, 395), (330, 425), (560, 380), (760, 428), (980, 392), (1200, 430)], "#0a2030", 520)
    temple = placed(
        300,
        424,
        polygon([(-26, 0), (-20, -46), (-8, -58), (0, -140), (8, -58), (20, -46), (26, 0)], "#0a2030"),
        circle(0, -6, 5, "#ffcf6b"),
    )
    windows = "".join(rect(x, 436 + i % 2 * 8, 9, 7, "#ffcf6b", opacity=0.8) for i, x in enumerate((96, 152, 520, 596, 690, 1040, 1102)))
    water = wash("#1c4668", "#061325", 0, 470, WIDTH, 430)
    road = "".join(
        ellipse(880 + 30 * (s - 0.5), 486 + i * 14, 20 + i * 3.4, 3.2, "#ffe9b8", opacity=0.5 - i * 0.013)
        for i, (_, _, s) in enumerate(scattered(28, 2))
    )
    return sky + bank + temple + windows + water + road


def river_floats() -> str:
    """Seven krathongs, small and far to large and near, each with its light in the water."""
    spots = ((620, 520, 0.24), (760, 545, 0.32), (500, 560, 0.36), (900, 610, 0.52), (640, 650, 0.66), (1010, 735, 0.95), (400, 770, 1.35))
    flowers = ("#e86a92", "#f3efe4", "#f7a93b")
    return "".join(_float_with_light(x, y, s, flowers[i % 3]) for i, (x, y, s) in enumerate(spots))


def _float_with_light(x: float, y: float, scale: float, flower: str) -> str:
    lights = "".join(ellipse(0, 26 + i * 15, 46 - i * 6, 4, "#ffc766", opacity=0.55 - i * 0.09) for i in range(6))
    return placed(x, y, lights, krathong(flower), scale=scale)


def _floating_lantern(x: float, y: float, scale: float, pane: str, second: str) -> str:
    lights = "".join(ellipse(0, 26 + i * 19, 66 - i * 8, 5, pane if i % 2 else "#ffd27a", opacity=0.6 - i * 0.08) for i in range(7))
    raft = (
        ellipse(0, 6, 116, 20, "#0d2b3a", opacity=0.5)
        + path("M-112 -8C-70 16 70 16 112 -8L96 14C50 26 -50 26 -96 14Z", "#2f7d4a")
        + ellipse(0, -8, 112, 15, "#46a164")
    )
    return placed(x, y, lights, raft, placed(0, -316, lantern(pane, second)), scale=scale)


def reeds() -> str:
    """Grass of the near bank."""
    blades = ((x, 900 - 60 - 150 * s, 30 * (s - 0.4)) for x, _, s in scattered(46, 9, 330))
    return "".join(stroke(f"M{x:.0f} 910Q{x:.0f} {(top + 900) / 2:.0f} {x + lean:.0f} {top:.0f}", "#04101c", 5) for x, top, lean in blades)
