"""The curator: screening and judging without a name, by keyboard."""

import re

from playwright.sync_api import expect

from tests.browser.journeys.hands import Hands
from tests.browser.journeys.plot import WHY


def screen(chidi: Hands, count: int) -> None:
    """Let contributions in, one key each."""
    chidi.attend_to(re.compile("to be screened"))
    for left in range(count, 0, -1):
        chidi.look_until(f"{left} contributions to screen" if left > 1 else "1 contribution to screen")
        chidi.strike("y")
        chidi.find("Your last decision:")
    chidi.find("Nothing to screen")


def judge(chidi: Hands, count: int, names: set[str]) -> None:
    """Every contribution on the desk, by keyboard alone; the first is taken back and judged anew. None of these names is seen."""
    chidi.go("Reviews")
    chidi.strike("j", "Enter")
    _judge_one(chidi, names, "4543", f"1 of {count} reviewed")
    chidi.strike("u")
    chidi.find("You withdrew this review")
    _judge_one(chidi, names, "5432", f"1 of {count} reviewed")
    for number in range(2, count):
        _judge_one(chidi, names, "3454", f"{number} of {count} reviewed")
    _judge_one(chidi, names, "4344", "All reviewed")


def _judge_one(chidi: Hands, names: set[str], scores: str, then: str) -> None:
    asked = chidi.page.get_by_role("group").filter(has=chidi.page.get_by_role("radio"))
    expect(asked).not_to_have_count(0)
    seen = chidi.page.content()
    assert [name for name in names if name in seen] == []
    chidi.strike(*scores, "ControlOrMeta+A")
    chidi.page.keyboard.type(WHY)
    chidi.strike("Control+Enter")
    chidi.find(then)
