"""Capitals of one stroke width, drawn by hand for the title cards, so that no machine needs a font to make the demo."""

from demo.works.drawing import placed, stroke

# Each letter stands on a grid 4 wide (unless told) and 6 high; (0, 0) is its upper left corner.
GLYPHS: dict[str, tuple[float, str]] = {
    "A": (4, "M0 6L2 0L4 6M0.8 4H3.2"),
    "B": (3.4, "M0 0V6H1.8C4 6 4 2.9 1.8 2.9H0M1.8 2.9C3.6 2.9 3.6 0 1.8 0H0"),
    "C": (4.2, "M4.1 1C2.6 -0.9 0 0.2 0 3C0 5.8 2.6 6.9 4.1 5"),
    "D": (4, "M0 0V6H1.4C4.9 6 4.9 0 1.4 0H0"),
    "E": (3, "M3 0H0V6H3M0 3H2.5"),
    "F": (3, "M3 0H0V6M0 3H2.5"),
    "G": (4.3, "M4 1C2.6 -0.9 0 0.2 0 3C0 5.8 2.6 6.9 4.2 5V3.3H2.6"),
    "H": (3.8, "M0 0V6M3.8 0V6M0 3H3.8"),
    "I": (0.2, "M0.1 0V6"),
    "J": (2.4, "M2.4 0V4.4C2.4 6.4 0.3 6.4 0 5"),
    "K": (3.5, "M0 0V6M3.4 0L0 3.6M1.2 2.4L3.5 6"),
    "L": (2.9, "M0 0V6H2.9"),
    "M": (4.6, "M0 6V0L2.3 4L4.6 0V6"),
    "N": (3.9, "M0 6V0L3.9 6V0"),
    "O": (4.6, "M2.3 0C-0.75 0 -0.75 6 2.3 6C5.35 6 5.35 0 2.3 0Z"),
    "P": (3.3, "M0 6V0H1.7C3.9 0 3.9 3.3 1.7 3.3H0"),
    "Q": (4.6, "M2.3 0C-0.75 0 -0.75 6 2.3 6C5.35 6 5.35 0 2.3 0ZM2.8 4.4L4.6 6.3"),
    "R": (3.5, "M0 6V0H1.7C3.9 0 3.9 3.1 1.7 3.1H0M1.8 3.1L3.5 6"),
    "S": (3.3, "M3.1 0.9C2.4 -0.4 0.2 -0.2 0.2 1.5C0.2 3.2 3.2 2.7 3.2 4.5C3.2 6.4 0.5 6.4 0 5"),
    "T": (3.8, "M0 0H3.8M1.9 0V6"),
    "U": (3.8, "M0 0V3.8C0 6.7 3.8 6.7 3.8 3.8V0"),
    "V": (4, "M0 0L2 6L4 0"),
    "W": (5.6, "M0 0L1.4 6L2.8 1L4.2 6L5.6 0"),
    "X": (3.7, "M0 0L3.7 6M3.7 0L0 6"),
    "Y": (3.8, "M0 0L1.9 3.1L3.8 0M1.9 3.1V6"),
    "Z": (3.6, "M0 0H3.6L0 6H3.6"),
    "Á": (4, "M0 6L2 0L4 6M0.8 4H3.2M1.8 -0.8L2.8 -1.8"),
    "É": (3, "M3 0H0V6H3M0 3H2.5M1.3 -0.8L2.3 -1.8"),
    "Í": (0.2, "M0.1 0V6M0 -0.8L1 -1.8"),
    "Ö": (4.6, "M2.3 0C-0.75 0 -0.75 6 2.3 6C5.35 6 5.35 0 2.3 0ZM1.4 -1.2V-1.1M3.2 -1.2V-1.1"),
    ".": (0.2, "M0.1 5.9V6"),
    ",": (0.4, "M0.3 5.8L0 6.8"),
    "'": (0.2, "M0.1 0V1.2"),
    "-": (2, "M0 3.2H2"),
    "·": (0.2, "M0.1 3V3.1"),
    "0": (3.8, "M1.9 0C-0.63 0 -0.63 6 1.9 6C4.43 6 4.43 0 1.9 0Z"),
    "1": (1.4, "M0 1L1.4 0V6"),
    "2": (3.3, "M0.1 1.4C0.4 -0.5 3.2 -0.5 3.2 1.6C3.2 3.2 1.2 4.2 0 6H3.3"),
    "6": (3.4, "M2.9 0C1 0.8 0 2.6 0 4.2C0 6.6 3.4 6.6 3.4 4.2C3.4 2 0.6 2 0.1 3.9"),
    " ": (1.8, ""),
}
SPACING = 1.3


def lettering(text: str, x: float, y: float, height: float, colour: str, weight: float = 0.5) -> str:
    """Words in capitals centred on x, their feet at y + height; weight is the stroke's width in sixths of the height."""
    unit = height / 6
    pen = x - unit * _length(text) / 2
    drawn = []
    for letter in text.upper():
        width, d = GLYPHS[letter]
        drawn.append(placed(pen, y, stroke(d, colour, weight), scale=unit) if d else "")
        pen += unit * (width + SPACING)
    return "".join(drawn)


def _length(text: str) -> float:
    return sum(GLYPHS[letter][0] + SPACING for letter in text.upper()) - SPACING
