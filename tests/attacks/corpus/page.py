"""What the corpus's page says of each file: what made it, and what must happen to it at each of our two doors."""

import re

from tests.attacks.corpus.make import FILES

README = FILES.with_name("README.md").read_text("utf-8")
_ROWS = re.findall(r"^\| (\S+\.\w+) \| (\S+) \| [^|]+ \| ([^|]+) \|$", README, re.MULTILINE)
MADE_BY = {name: by for name, by, _must in _ROWS}
AS_WORK = {name: must for name, _by, must in _ROWS}
# Those that a bank could open are in a table of their own.
AS_EVIDENCE = dict.fromkeys(AS_WORK, "refused: NotEvidence") | dict(re.findall(r"^\| (\S+\.\w+) \| ([^|]+) \|$", README, re.MULTILINE))
