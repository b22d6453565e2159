"""Instruments made of arithmetic: each function answers one note as samples between -1 and 1, at RATE samples a second."""

import math
import random
from functools import cache

RATE = 32_000
TABLE = 2048

Samples = list[float]


def _ringing(frequency: float, seconds: float, fade: float, loudness: float) -> Samples:
    """A struck partial: a sine that falls to a thousandth in `fade` seconds, by the recurrence of a damped oscillator."""
    angle = 2 * math.pi * frequency / RATE
    damping = math.exp(-6.9 / (fade * RATE))
    turn, loss = 2 * damping * math.cos(angle), damping * damping
    before, now = 0.0, loudness * math.sin(angle)
    out = []
    for _ in range(round(seconds * RATE)):
        out.append(before)
        before, now = now, turn * now - loss * before
    return out


def _struck(partials: tuple[tuple[float, float, float], ...], pitch: float, seconds: float) -> Samples:
    parts = [_ringing(pitch * ratio, seconds, fade, loudness) for ratio, fade, loudness in partials if pitch * ratio < RATE / 2]
    return [sum(together) for together in zip(*parts, strict=True)]


@cache
def kalimba(pitch: float) -> Samples:
    """A thumb-plucked steel tongue on a wooden box."""
    return _struck(((1, 1.7, 0.6), (2, 0.5, 0.08), (5.4, 0.16, 0.18), (11.2, 0.05, 0.1)), pitch, 1.7)


@cache
def bell(pitch: float) -> Samples:
    """A church bell whose strike note is the pitch, with its hum an octave below and its minor third."""
    return _struck(
        ((0.5, 4.5, 0.25), (1, 3.4, 0.34), (1.19, 2.6, 0.2), (1.5, 1.9, 0.14), (2, 1.7, 0.22), (2.67, 0.9, 0.1), (4.1, 0.5, 0.06)),
        pitch,
        4.0,
    )


@cache
def santur(pitch: float) -> Samples:
    """One course of a hammered dulcimer: strings a hair apart, so that they beat."""
    strings = ((1, 1.5, 0.26), (1.0018, 1.4, 0.26), (2.002, 0.9, 0.17), (3.006, 0.6, 0.11), (4.013, 0.4, 0.07), (6.04, 0.2, 0.05))
    return _struck(strings, pitch, 1.5)


@cache
def gong(pitch: float) -> Samples:
    """A small hand gong, struck on the rim."""
    return _struck(((1, 0.5, 0.25), (1.51, 0.4, 0.25), (2.37, 0.3, 0.2), (3.8, 0.18, 0.12)), pitch, 0.5)


@cache
def drum(pitch: float, fade: float = 0.5, slap: float = 0.3) -> Samples:
    """A skin that starts sharp and falls to its pitch, with a slap of noise."""
    noise = random.Random(7)
    out, phase, low = [], 0.0, 0.0
    for i in range(round(fade * 1.4 * RATE)):
        t = i / RATE
        phase += 2 * math.pi * pitch * (1 + 1.1 * math.exp(-t * 38)) / RATE
        low += 0.35 * (noise.uniform(-1, 1) - low)
        out.append(0.85 * math.sin(phase) * math.exp(-6.9 * t / fade) + slap * low * math.exp(-t * 70))
    return out


@cache
def rattle(fade: float = 0.12, seed: int = 3) -> Samples:
    """Seeds or small metal discs shaken once."""
    noise = random.Random(seed)
    out, last = [], 0.0
    for i in range(round(fade * 2 * RATE)):
        hiss = noise.uniform(-1, 1)
        out.append(0.3 * (hiss - last) * math.exp(-6.9 * i / (fade * RATE)))
        last = hiss
    return out


@cache
def room_tone(seconds: float) -> Samples:
    """The hum of an empty kitchen at night: soft brown noise and the refrigerator."""
    noise = random.Random(11)
    low, out = 0.0, []
    for i in range(round(seconds * RATE)):
        low += 0.02 * (noise.uniform(-1, 1) - low)
        out.append(low + 0.02 * math.sin(2 * math.pi * 100 * i / RATE))
    return out


@cache
def choir(pitch: float, seconds: float) -> Samples:
    """Three voices on an open vowel, each a little off the others."""
    voices = (_sung(pitch * detune, seconds, wobble, "ah") for detune, wobble in ((1, 4.9), (1.0035, 5.3), (0.9962, 4.6)))
    return [sum(together) / 3 for together in zip(*voices, strict=True)]


@cache
def shell(pitch: float, seconds: float) -> Samples:
    """A conch trumpet: a brassy tone that swells and bends up into its pitch."""
    return _sung(pitch, seconds, 0.0, "brass", bend=0.06, swell=0.5)


@cache
def panpipe(pitch: float, seconds: float) -> Samples:
    """One stopped cane pipe, with its breath."""
    noise = random.Random(round(pitch))
    tone = _sung(pitch, seconds, 0.0, "cane", swell=0.05)
    low, out = 0.0, []
    for i, sample in enumerate(tone):
        low += 0.5 * (noise.uniform(-1, 1) - low)
        out.append(sample + 0.1 * low * math.exp(-i / (0.12 * RATE)) + 0.02 * low * min(1.0, i / 900) * (1 - i / len(tone)))
    return out


@cache
def _wave(vowel: str, pitch: float) -> Samples:
    """One period of a voice, its harmonics shaped by the vowel's formants; TABLE samples long."""
    formants = {
        "ah": ((700, 130, 1.0), (1150, 160, 0.6), (2700, 250, 0.25)),
        "brass": ((420, 260, 1.0), (1300, 500, 0.45)),
        "cane": ((0, 500, 1.0),),
    }[vowel]
    harmonics = range(1, min(26, int(RATE / 2.4 / pitch)) + 1)
    strength = {n: sum(g / (1 + ((n * pitch - f) / width) ** 2) for f, width, g in formants) / n**0.6 for n in harmonics}
    period = [sum(a * math.sin(2 * math.pi * n * i / TABLE + n * n) for n, a in strength.items()) for i in range(TABLE)]
    peak = max(map(abs, period))
    return [sample / peak for sample in period]


def _sung(pitch: float, seconds: float, wobble: float, vowel: str, bend: float = 0.0, swell: float = 0.25) -> Samples:
    wave = _wave(vowel, round(pitch / 4) * 4 or pitch)
    count, phase, step = round(seconds * RATE), 0.0, pitch * TABLE / RATE
    out = []
    for start in range(0, count, 64):
        t = start / RATE
        loud = min(1.0, t / swell) * min(1.0, (seconds - t) / min(0.35, seconds / 3))
        pace = step * (1 + 0.004 * math.sin(2 * math.pi * wobble * t) - bend * math.exp(-t * 5))
        for _ in range(min(64, count - start)):
            out.append(wave[int(phase) % TABLE] * loud)
            phase += pace
    return out


class Tape:
    """Two tracks of sound that notes and other tapes are mixed onto."""

    def __init__(self, seconds: float) -> None:
        self.left: Samples = [0.0] * round(seconds * RATE)
        self.right: Samples = [0.0] * round(seconds * RATE)

    def add(self, note: Samples, at: float, loudness: float = 1.0, side: float = 0.0) -> None:
        """Mix a note in at a second; side runs from -1, left, to 1, right."""
        for track, share in ((self.left, (1 - side) / 2), (self.right, (1 + side) / 2)):
            _mix(track, note, round(at * RATE), loudness * share)

    def lay(self, other: "Tape", at: float = 0.0, loudness: float = 1.0) -> None:
        """Mix in a whole tape, for instance the source of a remix."""
        _mix(self.left, other.left, round(at * RATE), loudness)
        _mix(self.right, other.right, round(at * RATE), loudness)

    def slower(self, factor: int) -> "Tape":
        """The tape at a whole fraction of its speed, its pitch falling with it."""
        tape = Tape(0)
        tape.left, tape.right = _stretched(self.left, factor), _stretched(self.right, factor)
        return tape

    def in_a_room(self, size: float = 1.0, wet: float = 0.25) -> "Tape":
        """The tape with the echo of a room; both walls differ, so that it sounds wide."""
        room = Tape(0)
        room.left, room.right = _echoing(self.left, size, wet), _echoing(self.right, size * 1.07, wet)
        return room

    def finished(self) -> "Tape":
        """The tape brought to full level, with a soft start and end."""
        peak = max(max(map(abs, self.left)), max(map(abs, self.right)), 1e-9)
        done, count, fade = Tape(0), len(self.left), round(0.6 * RATE)
        gains = [0.89 / peak * min(1.0, i / 200, (count - i) / fade) for i in range(count)]
        done.left = [s * g for s, g in zip(self.left, gains, strict=True)]
        done.right = [s * g for s, g in zip(self.right, gains, strict=True)]
        return done


def _mix(track: Samples, note: Samples, start: int, loudness: float) -> None:
    end = min(len(track), start + len(note))
    track[start:end] = [old + loudness * new for old, new in zip(track[start:end], note, strict=False)]


def _stretched(track: Samples, factor: int) -> Samples:
    pairs = zip(track, [*track[1:], 0.0], strict=True)
    return [a + (b - a) * k / factor for a, b in pairs for k in range(factor)]


def _echoing(track: Samples, size: float, wet: float) -> Samples:
    walls = ((0.0297, 0.74), (0.0371, 0.71), (0.0411, 0.69), (0.0437, 0.67))
    echoes = [_echo(track, round(delay * size * RATE), back) for delay, back in walls]
    return [dry + (a + b + c + d) * wet / 2 for dry, a, b, c, d in zip(track, *echoes, strict=True)]


def _echo(track: Samples, delay: int, back: float) -> Samples:
    """What one wall sends back, quieter each time; worked out one delay's length at once."""
    heard: Samples = []
    last = [0.0] * delay
    for start in range(0, len(track), delay):
        heard += last
        last = [sound + echo * back for sound, echo in zip(track[start : start + delay], last, strict=False)]
    return heard[: len(track)]
