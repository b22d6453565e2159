"""What hostile files would reach for: a port on which somebody listens, and a file that is nobody's to read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from socket import AF_INET, SOCK_STREAM, socket

from tests.attacks.corpus.make import CANARY, FILES, PORT

SECRET = b"zqcanary: what only its owner may read"
LONG_AGO = 1_000_000_000


class Traps:
    """A listener, and a planted file; `bait` is a file of the corpus that reaches for both."""

    def __init__(self, listening: socket, canary: Path) -> None:
        self.listening, self.canary = listening, canary

    def bait(self, name: str) -> bytes:
        content, port = (FILES / name).read_bytes(), str(self.listening.getsockname()[1]).encode()
        assert (len(port), len(str(self.canary))) == (len(PORT), len(CANARY))
        return content.replace(PORT, port).replace(CANARY, str(self.canary).encode())

    def is_heard(self) -> bool:
        """Whether anybody has called since it was asked last."""
        try:
            self.listening.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def is_read(self) -> bool:
        """Whether the planted file has been read since it was asked last."""
        read = self.canary.stat().st_atime > LONG_AGO
        os.utime(self.canary, (LONG_AGO, LONG_AGO + 1))
        return read


@contextmanager
def laid() -> Iterator[Traps]:
    """Both traps, until the block ends."""
    canary = Path(CANARY.decode()).with_name(f"callboard-canary-{token_hex(6)}")
    canary.write_bytes(SECRET * 40)
    with socket(AF_INET, SOCK_STREAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        traps = Traps(listening, canary)
        traps.is_read()
        try:
            yield traps
        finally:
            canary.unlink()
