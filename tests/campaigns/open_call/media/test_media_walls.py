"""A program that opens a stranger's file reads that file, writes into its folder, and reaches nothing else: it is tried here by one."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET, AF_UNIX, SOCK_STREAM, socket

import pytest

from campaigns.core.settings import settings
from campaigns.open_call.media import confined, renditions, walls
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.media.walls import InForce, Walls
from tests import samples

INTRUDER = """
import json, os, socket, sys
from pathlib import Path
source, target, secret, port, door = sys.argv[1:]
found = []
def tried(what, deed):
    try:
        deed()
    except OSError:
        return
    found.append(what)
tried("read the source", lambda: open(source, "rb").read())
tried("wrote into its folder", lambda: Path(target, "made").write_text("whole"))
tried("read the secret", lambda: open(secret).read())
tried("read /etc/shadow", lambda: open("/etc/shadow").read())
tried("wrote the source", lambda: open(source, "ab").write(b"more"))
tried("wrote beside the secret", lambda: Path(secret).with_name("left").write_text("here"))
tried("wrote into /tmp", lambda: Path("/tmp/left-by-the-intruder").write_text("here"))
tried("wrote our code", lambda: Path(sys.argv[0] or "/usr/left").write_text("here"))
tried("reached the port", lambda: socket.create_connection(("127.0.0.1", int(port)), 1))
tried("reached the socket", lambda: socket.socket(socket.AF_UNIX).connect(door))
if os.getuid() == 0:
    found.append("is root")
print(json.dumps([found, sorted(os.environ)]))
"""


def ways() -> list[Walls]:
    """Those that a program can do its work in on this machine."""
    return [each for each in walls._ways() if each.way != "limits" and walls._tried(each)]


@pytest.fixture
def no_way_cached() -> Iterator[None]:
    walls.in_force.cache_clear()
    yield
    walls.in_force.cache_clear()


def found_by_an_intruder(tmp_path: Path) -> list[str]:
    """What a program got at that was let in with a source and a folder."""
    source, folder, door = tmp_path / "in" / "source", tmp_path / "out", tmp_path / "door"
    source.parent.mkdir()
    folder.mkdir()
    source.write_text("Once.")
    secret = settings().home / "secret"
    assert settings().secret.get_secret_value()
    if not secret.exists():
        secret.write_text("given")
    secret.chmod(0o600)
    with socket(AF_INET, SOCK_STREAM) as port, socket(AF_UNIX) as local:
        port.bind(("127.0.0.1", 0))
        port.listen()
        local.bind(str(door))
        local.listen()
        arguments = [str(source), str(folder), str(secret), str(port.getsockname()[1]), str(door)]
        said = confined.run([sys.executable, "-S", "-c", INTRUDER, *arguments], "x", reads=source, writes=folder)
    found, environment = json.loads(said)
    assert not {name for name in environment if name.startswith(("CALLBOARD", "STRIPE", "DATABASE"))}
    assert (source.read_text(), (folder / "made").read_text(), (folder / "made").stat().st_uid) == ("Once.", "whole", os.geteuid())
    return list(found)


def test_a_program_that_opens_a_strangers_file_gets_at_nothing_but_it_and_its_folder(tmp_path: Path, no_way_cached: None) -> None:
    assert found_by_an_intruder(tmp_path) == ["read the source", "wrote into its folder"]


@pytest.mark.parametrize("way", ["bubblewrap", "landlock"])
def test_each_way_that_the_machine_has_keeps_an_intruder_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    there = [each for each in ways() if each.way == way]
    if not there:
        pytest.skip(f"this machine has no {way}")
    monkeypatch.setattr(confined, "in_force", lambda: InForce(there[0], True, True, True))
    got_at = found_by_an_intruder(tmp_path)
    # Landlock alone cannot change the user where the interpreter is closed to all others.
    assert set(got_at) - {"is root"} == {"read the source", "wrote into its folder"}


@pytest.mark.parametrize("way", ["bubblewrap", "landlock"])
def test_every_kind_of_file_is_proved_and_shown_behind_each_of_the_walls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    there = [each for each in ways() if each.way == way]
    if not there:
        pytest.skip(f"this machine has no {way}")
    monkeypatch.setattr(confined, "in_force", lambda: InForce(there[0], True, True, True))
    for mime, path in (("video/mp4", samples.film(tmp_path)), ("image/png", samples.picture(tmp_path))):
        folder = tmp_path / mime.replace("/", "-")
        folder.mkdir()
        made = renditions.make(BY_MIME[mime], path, folder, "it")
        assert {each.role: each.path.stat().st_size > 0 for each in made} == {each.role: True for each in made}


@pytest.mark.parametrize("left", ["os.symlink('/etc/shadow', out)", "os.mkdir(out)", "os.mkfifo(out)"])
def test_whatever_a_program_leaves_that_is_no_plain_file_is_not_opened_by_us(tmp_path: Path, left: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    program = f"import os; out = {str(folder / 'picture')!r}; {left}"
    with pytest.raises(confined.Failed):
        confined.run([sys.executable, "-S", "-c", program], "x", writes=folder)
    assert list(folder.iterdir()) == []


def test_where_nothing_holds_it_is_said_that_nothing_does(monkeypatch: pytest.MonkeyPatch, no_way_cached: None) -> None:
    monkeypatch.setattr(walls, "_ways", lambda: iter([Walls("limits", as_nobody=False)]))
    found = walls.in_force()
    assert (found.walls.way, found.is_offline, found.is_enclosed, found.is_whole) == ("limits", False, False, False)
