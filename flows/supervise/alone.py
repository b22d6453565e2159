"""One process at a time runs what lies in an installation's folder, or changes it from the ground up."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campaigns.core.words import _
from flows.supervise.errors import CannotStart


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Hold `home` for this process; raises CannotStart while another one holds it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "up.lock").open("w")
    except OSError as closed:
        sentence = _("{home} cannot be written ({why}): set CALLBOARD_HOME to another folder.", home=home, why=closed.strerror)
        raise CannotStart(sentence) from closed
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            sentence = _("Callboard is already running from {home}: stop it first, or set CALLBOARD_HOME to another folder.", home=home)
            raise CannotStart(sentence) from held
        yield
