"""The sounds of the call: eight short pieces, the last three made out of others."""

from collections.abc import Callable
from functools import cache

from demo.works.instruments import Tape, bell, choir, drum, gong, kalimba, panpipe, rattle, santur, shell

NOTES = {name: i for i, name in enumerate(("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"))}


def pitch(note: str) -> float:
    """The frequency of a note such as "F#4"; a trailing "-" lowers it by a quarter tone, the Persian koron."""
    koron = note.endswith("-")
    name = note.rstrip("-")
    steps = NOTES[name[:-1]] + 12 * (int(name[-1]) + 1) - 69 - (0.5 if koron else 0)
    return float(440 * 2 ** (steps / 12))


# The lullaby's bar of three beats; the choir's chords last one, the tower's drum divides each beat in three: so they can be mixed.
BAR = 1.95
EIGHTH = BAR / 9


@cache
def morning_on_the_stairs() -> Tape:
    """A choir that comes down a staircase before light: eight chords, the top voice stepping down."""
    tape = Tape(16.2)
    chords = ("D3 A3 F#4 D5", "C#3 A3 E4 C#5", "B2 F#3 D4 B4", "G2 G3 D4 A4", "F#2 A3 D4 A4", "E2 G3 B3 G4", "A2 G3 C#4 E4", "D2 F#3 A3 D4")
    for bar, chord in enumerate(chords):
        for place, note in enumerate(chord.split()):
            tape.add(choir(pitch(note), 2.4), bar * BAR, 0.2, (-0.6, 0.5, -0.25, 0.3)[place])
        tape.add(bell(pitch("D6")), bar * BAR, 0.05, 0.4)
    return tape.in_a_room(1.6, 0.3).finished()


@cache
def three_rings_round_the_tower() -> Tape:
    """A Bon dance as it is heard from the outermost ring: the big drum, the rim, the hand gong and the feet."""
    tape = Tape(12.8)
    bar = {0: ("don", 1.0), 2: ("kon", 0.5), 3: ("don", 0.6), 4: ("don", 0.9), 6: ("kon", 0.6), 7: ("kon", 0.45)}
    voices = {"don": drum(74.0, 0.9, 0.35), "kon": drum(430.0, 0.08, 0.6)}
    for count in range(7):
        for eighth, (stroke, loud) in bar.items():
            tape.add(voices[stroke], (8 * count + eighth) * EIGHTH, loud * (0.7 + 0.05 * count), -0.1)
        for eighth in (1, 3, 5, 6, 7):
            tape.add(gong(pitch("B5")), (8 * count + eighth) * EIGHTH, 0.14, 0.55)
        if count > 1:
            for eighth in (2, 6):
                tape.add(rattle(0.09), (8 * count + eighth) * EIGHTH, 0.5, -0.7 if eighth == 2 else 0.7)
    return tape.in_a_room(1.3, 0.2).finished()


@cache
def for_the_one_still_awake() -> Tape:
    """A kalimba lullaby in three, nine bars, the bass thumb never stopping."""
    tape = Tape(18.5)
    low = ("D3 A3 F#4", "D3 A3 D4", "A3 E4 A4", "A3 E4 C#4", "B3 F#4 D4", "B3 F#4 B4", "G3 D4 B4", "G3 D4 G4", "D3 A3 D4")
    tune = ("F#4 - A4", "D5 - -", "E5 - C#5", "A4 - -", "B4 - D5", "F#5 - E5", "D5 B4 A4", "B4 - A4", "D5 - -")
    for bar, (bass, melody) in enumerate(zip(low, tune, strict=True)):
        for beat, (under, over) in enumerate(zip(bass.split(), melody.split(), strict=True)):
            at = (bar + beat / 3) * BAR
            tape.add(kalimba(pitch(under)), at, 0.5, -0.35)
            if over != "-":
                tape.add(kalimba(pitch(over)), at + 0.012, 0.8, 0.3)
    return tape.in_a_room(0.9, 0.18).finished()


TERRACES = "A4 D5 C5 D5 F5 D5 C5 A4 C5 D5 A4 G4 F4 G4 A4 D4 A4 C5 D5 F5 G5 F5 D5 C5 D5 A4 G4 A4 F4 G4 D4 D4"


@cache
def first_light_on_the_terraces() -> Tape:
    """Two calls of the shell trumpet, then panpipes whose halves, ira left and arca right, share one tune note by note."""
    tape = Tape(16)
    tape.add(shell(pitch("D4"), 2.1), 0.2, 0.5, -0.2)
    tape.add(shell(pitch("A4"), 2.2), 2.4, 0.5, 0.2)
    for i, note in enumerate(TERRACES.split()):
        side = -0.7 if i % 2 else 0.7
        at = 4.9 + i * 0.31
        tape.add(panpipe(pitch(note), 0.4), at, 0.42, side)
        tape.add(panpipe(pitch(note) / 2, 0.4), at, 0.22, side)
        if i % 4 in (0, 2, 3):
            tape.add(drum(58.0, 0.7, 0.15), at, 0.75 if i % 4 == 0 else 0.4)
    return tape.in_a_room(1.8, 0.25).finished()


@cache
def down_to_the_water() -> Tape:
    """The walk to the pool on Timkat morning: kebero in six, the tsenatsil answering, the drum quickening at the end."""
    tape = Tape(14)
    at = 0.2
    for bar in range(9):
        step = 0.235 - 0.011 * max(0, bar - 3)
        for beat, (hand, loud) in enumerate((("low", 1.0), ("", 0), ("high", 0.5), ("low", 0.8), ("high", 0.6), ("high", 0.4))):
            if hand:
                tape.add(
                    drum(82.0 if hand == "low" else 190.0, 0.7 if hand == "low" else 0.3, 0.3), at, loud, -0.25 if hand == "low" else 0.25
                )
            if bar and beat in (0, 3):
                tape.add(rattle(0.3, 5), at, 0.5, 0.5)
                tape.add(gong(pitch("E6")), at, 0.12, 0.5)
            at += step
    tape.add(bell(pitch("A4")), at, 0.7)
    return tape.in_a_room(1.1, 0.18).finished()


# The syllables of the poem's first stanza; each line is one phrase, each syllable one stroke of the hammers.
STANZA = (
    "The long-est night comes in with its coat on",
    "and sits down next to the wa-ter-mel-on",
    "We cut what sum-mer left us",
    "Red and red a-gain",
)


@cache
def pomegranate_opened() -> Tape:
    """A setting of the Yalda poem for santur: one note a syllable, in Shur on D with its half-flat second."""
    tape = Tape(17)
    scale = ("D4", "E4-", "F4", "G4", "A4", "Bb4", "C5", "D5")
    contours = ((3, 3, 4, 5, 4, 3, 4, 3, 2, 1, 2), (2, 3, 4, 3, 2, 1, 2, 3, 2, 1, 0), (4, 5, 6, 7, 6, 5, 4), (4, 3, 2, 1, 0))
    at = 0.4
    for words, contour in zip(STANZA, contours, strict=True):
        syllables = words.replace("-", " ").split()
        for i, _ in enumerate(syllables):
            note = scale[contour[min(i, len(contour) - 1)]]
            _hammered(tape, note, at, 5 if i == len(syllables) - 1 else 1)
            at += 0.36
        at += 0.85
    tape.add(choir(pitch("D3"), 15.5), 0.3, 0.1)
    tape.add(choir(pitch("A3"), 15.5), 0.3, 0.07)
    return tape.in_a_room(1.2, 0.22).finished()


def _hammered(tape: Tape, note: str, at: float, strokes: int) -> None:
    for i in range(strokes):
        tape.add(santur(pitch(note)), at + i * 0.13, 0.7 - 0.09 * i, 0.25 if i % 2 else -0.25)


@cache
def lullaby_under_snow() -> Tape:
    """The lullaby, the staircase choir slowed to half its speed beneath it, and midnight struck from far off."""
    tape = Tape(19)
    tape.lay(morning_on_the_stairs().slower(2), 0, 0.5)
    tape.lay(for_the_one_still_awake(), 0, 0.85)
    for stroke in range(4):
        tape.add(bell(pitch("D3")), stroke * 2 * BAR, 0.3, -0.5)
    return tape.in_a_room(2.0, 0.2).finished()


@cache
def kitchen_parade() -> Tape:
    """The tower's drum walks into the lullaby and ends up dancing with it, spoons and the sistrum of the walk along."""
    tape = Tape(20)
    tape.lay(lullaby_under_snow(), 0, 0.75)
    tape.lay(three_rings_round_the_tower(), 3 * BAR, 0.7)
    for i in range(44):
        tape.add(gong(pitch("G6")), 3 * BAR + (8 + i) * EIGHTH, 0.1 if i % 4 else 0.22, 0.6 if i % 2 else -0.6)
    for i in range(0, 44, 3):
        tape.add(rattle(0.3, 5), (5 + i / 9) * BAR, 0.22, 0.5)
    return tape.finished()


TAPES: dict[str, Callable[[], Tape]] = {
    "morning-on-the-stairs": morning_on_the_stairs,
    "three-rings": three_rings_round_the_tower,
    "still-awake": for_the_one_still_awake,
    "first-light": first_light_on_the_terraces,
    "down-to-the-water": down_to_the_water,
    "pomegranate-opened": pomegranate_opened,
    "lullaby-under-snow": lullaby_under_snow,
    "kitchen-parade": kitchen_parade,
}
