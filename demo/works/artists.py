"""The twenty artists of the demo's assignment; every one of them is invented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Artist:
    """Someone who answers the call; `unpayable` says why no money can reach them, and is empty for all others."""

    key: str
    name: str
    country: str
    locale: str
    zone: str
    craft: str
    unpayable: str = ""

    @property
    def email(self) -> str:
        """Where the artist's emails go."""
        return f"{self.key}@example.org"


NO_ROUTE = "There is no payout route to Nepal yet."
NEVER_ONBOARDED = "Onboarding was begun and never completed: the identity document is missing."

ARTISTS = (
    Artist("asha", "Asha Kulkarni", "IN", "en-IN", "Asia/Kolkata", "writer and illustrator"),
    Artist("lucia", "Lucía Herrera Tovar", "MX", "es-MX", "America/Mexico_City", "writer and paper cutter"),
    Artist("noa", "Noa Friedlander", "US", "en-US", "America/Chicago", "writer and illustrator"),
    Artist("weiling", "Tan Wei Ling", "SG", "en-SG", "Asia/Singapore", "writer and illustrator"),
    Artist("samira", "Samira El-Masry", "EG", "ar-EG", "Africa/Cairo", "writer"),
    Artist("kenji", "Kenji Mori", "JP", "ja-JP", "Asia/Tokyo", "percussionist"),
    Artist("selam", "Selam Tesfaye", "ET", "am-ET", "Africa/Addis_Ababa", "poet and sound recordist"),
    Artist("shirin", "Shirin Daneshvar", "CA", "fa-CA", "America/Toronto", "poet and illustrator"),
    Artist("elin", "Elin Sjöberg", "SE", "sv-SE", "Europe/Stockholm", "choir leader and illustrator"),
    Artist("mere", "Mere Tamihana", "NZ", "en-NZ", "Pacific/Auckland", "poet"),
    Artist("imani", "Imani Brooks", "US", "en-US", "America/New_York", "poet, illustrator and drummer"),
    Artist("ploy", "Ploy Srisawat", "TH", "th-TH", "Asia/Bangkok", "illustrator and animator"),
    Artist("joost", "Joost van Aalst", "NL", "nl-NL", "Europe/Amsterdam", "poet"),
    Artist("cassie", "Cassie Doyle", "AU", "en-AU", "Australia/Brisbane", "illustrator"),
    Artist("ines", "Inés Roldán", "ES", "es-ES", "Europe/Madrid", "poet and illustrator"),
    Artist("fergus", "Fergus Geddes", "GB", "en-GB", "Europe/London", "writer and fiddler"),
    Artist("sarita", "Sarita Gurung", "NP", "ne-NP", "Asia/Kathmandu", "writer and illustrator", unpayable=NO_ROUTE),
    Artist("killa", "Killa Quispe Mamani", "PE", "es-PE", "America/Lima", "panpipe player and illustrator", unpayable=NEVER_ONBOARDED),
    Artist("tomasz", "Tomasz Wieczorek", "PL", "pl-PL", "Europe/Warsaw", "film editor and writer"),
    Artist("amara", "Amara Nwosu", "NG", "en-NG", "Africa/Lagos", "composer"),
)
ARTIST = {artist.key: artist for artist in ARTISTS}
