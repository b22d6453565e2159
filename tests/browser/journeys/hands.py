"""Somebody at a browser of their own: they follow links, press buttons and fill fields by the names that stand on them."""

import re
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

SIGN_IN = re.compile(r"https?://\S+/sign-in/[\w-]{20,}")
GLANCE, PATIENCE, MOMENT = 0.5, 90.0, 30_000
Name = str | re.Pattern[str]


def whole(name: Name) -> re.Pattern[str]:
    """A name from end to end."""
    return re.compile(rf"^{re.escape(name)}$") if isinstance(name, str) else name


@dataclass
class Hands:
    """One person; `home` is the address of Callboard, `mailbox` where their emails arrive, `complaints` what their browser objected to."""

    name: str
    email: str
    browser: Browser
    home: str
    mailbox: str
    complaints: list[str] = field(default_factory=list)

    @cached_property
    def page(self) -> Page:
        """The one window that they have open."""
        page = self.browser.new_context(base_url=self.home, reduced_motion="reduce").new_page()
        page.set_default_timeout(MOMENT)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{self.name} at {page.url}: {error}"))
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and self.page.url.startswith(self.home):
            self.complaints.append(f"{self.name} at {self.page.url}: {said.text}")

    def sign_in(self) -> None:
        """Come to Callboard, go to its door and in."""
        self.page.goto("/")
        self.page.get_by_role("banner").get_by_role("link", name="Sign in").click()
        self.come_in()

    def come_in(self) -> None:
        """At the door: ask for a link, open it from the email, and go in."""
        newest = max((email["id"] for email in self._emails()), default=0)
        self.write("Email", self.email)
        self.press("Send me a link")
        self.find("Check your email")
        self.page.goto(self._link_after(newest, SIGN_IN), wait_until="domcontentloaded")
        self.press("Sign in")
        expect(self.page.get_by_text("Your account,")).to_be_attached(timeout=MOMENT)

    def _emails(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(self.mailbox, params={"to": self.email}).json()
        return found

    def open_email(self, link: re.Pattern[str]) -> None:
        """Open the link of this form in an email."""
        self.page.goto(self._link_after(0, link), wait_until="domcontentloaded")

    def _link_after(self, newest: int, form: re.Pattern[str]) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for email in self._emails():
                if email["id"] > newest and (link := form.search(email["text"])):
                    return link[0]
            self.page.wait_for_timeout(GLANCE * 1000)
        raise AssertionError(f"No email with a link came to {self.email}.")

    def go(self, *names: Name) -> None:
        """Follow links, one after the other."""
        for name in names:
            with self.page.expect_navigation(wait_until="domcontentloaded"):
                self.link(name).click()

    def link(self, name: Name) -> Locator:
        """A link by its name."""
        return self.page.get_by_role("link", name=whole(name)).locator("visible=true").first

    def press(self, name: Name) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=whole(name)).locator("visible=true").first.click()

    def strike(self, *keys: str) -> None:
        """Press keys, once the page is all there: what it does by keys comes with its last file."""
        self.page.wait_for_load_state("load")
        for key in keys:
            self.page.keyboard.press(key)

    def unfold(self, name: Name) -> None:
        """Open what is folded away behind a name."""
        self.page.locator("summary").filter(has_text=name).locator("visible=true").first.click()

    def blank(self, label: str) -> Locator:
        """A field by its label, optional or not."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}(\s+optional)?\s*$")).locator("visible=true").first

    def write(self, label: str, words: str) -> None:
        """Fill a field in."""
        self.blank(label).fill(words)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.blank(label).select_option(option)

    def tick(self, words: Name) -> None:
        """Tick a box or choose a point, by the words beside it."""
        self.page.get_by_label(words).first.check()

    def shown(self, words: Name) -> Locator:
        """The first place at which the page shows these words."""
        return self.page.get_by_text(words).locator("visible=true").first

    def find(self, *words: Name) -> None:
        """Read these words on the page as it is, or as it becomes by itself."""
        for each in words:
            expect(self.shown(each)).to_be_visible(timeout=MOMENT)

    def look_until(self, what: Name | Locator, within: float = PATIENCE) -> None:
        """Look at the page again and again until it shows this."""
        sought = what if isinstance(what, Locator) else self.shown(what)
        end = time.monotonic() + within
        while not sought.is_visible():
            assert time.monotonic() < end, f"{self.name} never saw {what} at {self.page.url}:\n{self.page.inner_text('main')}"
            self.page.wait_for_timeout(GLANCE * 1000)
            self.page.reload(wait_until="domcontentloaded")

    def attend_to(self, words: Name) -> None:
        """Open, from the notifications, what needs this person."""
        self.page.get_by_role("banner").get_by_role("link", name="Notifications").click()
        need = self.page.get_by_role("main").get_by_role("link", name=words).first
        self.look_until(need)
        need.click()

    def pick_file(self, file: Path) -> None:
        """Choose a file in the browser's own window, and wait until it has arrived whole."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_text("Choose a file").click()
        chooser.value.set_files(file)
        self.find("Upload complete")

    def close(self) -> None:
        """Close the window."""
        if "page" in vars(self):
            self.page.context.close()
