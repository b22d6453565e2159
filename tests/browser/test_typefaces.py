"""A name is written in one typeface, whichever of the letters that it has need a file of their own."""

import pytest
from playwright.sync_api import Browser

from tests.browser.town import Town

NAMES = (
    "Győző Bűn Şahin Iğdır İnce Łukasz Żądło Święć Ćosić Đuro Žižka Šťastný Řeřicha Němcová Růžena Ďurica Ňaňák Ľubomír Ĺ Ŕ "
    "Ādams Ģirts Ķēniņš Ļūcija Žydrūnas Šąla Vėjas Įgulė Ștefan Țăran Ħal Ġużè Ċensu Ŵyn Ŷ Ẁ Ìosa Ŋuŋŋá Œuvrard Åse Ærø Ørsted Þór Ðí "
)
# Letters that the typeface of headings does not have.
FURTHER = "Straẞe Əliyev Ĉapo Ĝi Ŭ Ŧ Ǿ Ɔpoku Ɗan Ɛ Nǐ"
WRITE = "names => { for (const each of document.querySelectorAll('h1, main p')) each.textContent = names; }"


@pytest.mark.parametrize(
    ("element", "names", "typeface"),
    [("h1", NAMES, "Bricolage Grotesque 96pt ExtraBold"), ("main p", NAMES + FURTHER, "Inter")],
    ids=["heading", "text"],
)
def test_a_name_is_in_one_typeface(town: Town, browser: Browser, element: str, names: str, typeface: str) -> None:
    page = browser.new_page(base_url=town.url)
    page.goto("/sign-in")
    page.evaluate(WRITE, names)
    page.evaluate("document.fonts.ready.then(() => true)")
    wire = page.context.new_cdp_session(page)
    wire.send("DOM.enable")
    wire.send("CSS.enable")
    root = wire.send("DOM.getDocument")["root"]["nodeId"]
    node = wire.send("DOM.querySelector", {"nodeId": root, "selector": element})["nodeId"]
    used = wire.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert {(each["familyName"], each["isCustomFont"]) for each in used} == {(typeface, True)}
    page.close()
