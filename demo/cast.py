"""Everyone who acts in the demo's assignment."""

import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from demo.client import DemoPerson
from demo.works.artists import ARTISTS, Artist

AT_ONCE = 6


def _someone(name: str, country: str = "US", zone: str = "America/Los_Angeles") -> DemoPerson:
    return DemoPerson(f"{name.split(maxsplit=1)[0].lower()}@example.com", name, country, zone=zone)


@dataclass
class Cast:
    """The staff, the people of the brand, the curators and the artists by their keys."""

    operator: DemoPerson = field(default_factory=lambda: _someone("Odile Okonkwo"))
    manager: DemoPerson = field(default_factory=lambda: _someone("Mara Lindqvist"))
    finance: DemoPerson = field(default_factory=lambda: _someone("Femi Adeyemi"))
    controller: DemoPerson = field(default_factory=lambda: _someone("Greta Haas"))
    accountant: DemoPerson = field(default_factory=lambda: _someone("Ingrid Dahl"))
    marketing: DemoPerson = field(default_factory=lambda: _someone("Paul Ramires"))
    legal: DemoPerson = field(default_factory=lambda: _someone("Yuki Tanabe"))
    approver: DemoPerson = field(default_factory=lambda: _someone("Denise Calloway"))
    curators: list[DemoPerson] = field(default_factory=lambda: [_someone(n) for n in ("Chidi Bello", "Hanna Weiss", "Rafael Souza")])
    artists: dict[str, DemoPerson] = field(default_factory=lambda: {artist.key: _artist(artist) for artist in ARTISTS})

    def appoint_at_the_machine(self) -> None:
        """The first operator and the first of finance are made on the command line, as on any new installation."""
        for person, role in ((self.operator, "operator"), (self.finance, "finance")):
            command = [sys.executable, "-m", "cli.main", "person", "grant", person.email, role, "--name", person.name]
            subprocess.run(command, check=True, capture_output=True)


def _artist(artist: Artist) -> DemoPerson:
    return DemoPerson(artist.email, artist.name, artist.country, artist.locale, artist.zone)


def sign_in(people: Iterable[DemoPerson]) -> None:
    """Sign several people in at once, each by the link in their email."""
    with ThreadPoolExecutor(AT_ONCE) as doors:
        list(doors.map(DemoPerson.sign_in, people))
