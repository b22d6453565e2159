"""A program that opens a stranger's file reads that file, writes into its folder, and reaches nothing else: it is tried here by one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET, AF_UNIX, SOCK_STREAM, socket

import pytest

from campaigns.core.settings import settings
from campaigns.open_call.media import confined, limits, renditions, walls
from campaigns.open_call.media.enclosure import enclosure
from campaigns.open_call.media.faults import TooHard
from campaigns.open_call.media.formats import BY_MIME
from campaigns.open_call.media.walls import InForce, Walls
from tests import samples

INTRUDER = """
import json, os, socket, sys
from pathlib import Path
source, target, secret, port, door, victim = sys.argv[1:]
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
tried("signalled a process of ours", lambda: os.kill(int(victim), 0))
if os.getuid() == 0:
    found.append("is root")
print(json.dumps([found, sorted(os.environ)]))
"""

# Each way to signal another process, or to have it end: told is which the kernel let through.
SIGNALLER = """
import ctypes, json, os, sys
from pathlib import Path
victim, packages, folder, is_shut = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] == "shut"
sys.path[:0] = [packages, folder]
import limits
from seccompy import syscall_nr
pidfd = os.pidfd_open(victim)
if is_shut:
    limits.calls().load()
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(256)
read, _write = os.pipe()
owner = (ctypes.c_int * 2)(1, victim)
ways = {
    "kill": (victim, 0), "kill of all": (-1 & 0xFFFFFFFFFFFFFFFF if is_shut else victim, 0), "tkill": (victim, 0),
    "tgkill": (victim, victim, 0), "rt_sigqueueinfo": (victim, 0, room), "rt_tgsigqueueinfo": (victim, victim, 0, room),
    "pidfd_open": (victim, 0), "pidfd_send_signal": (pidfd, 0, None, 0), "pidfd_getfd": (pidfd, 0, 0),
    "prlimit64": (victim, 0, None, room), "fcntl F_SETOWN": (read, 8, victim), "fcntl F_SETSIG": (read, 10, 9),
    "fcntl F_SETOWN_EX": (read, 15, owner), "fcntl F_SETOWN with more": (read, 8 | 1 << 32, victim),
}
def let_through(name, given):
    call = [ctypes.c_long(each) if isinstance(each, int) else each for each in given]
    return libc.syscall(ctypes.c_long(syscall_nr(name.partition(" ")[0])), *call) >= 0 or ctypes.get_errno() != 13
through = [name for name, given in ways.items() if let_through(name, given)]
own = [libc.syscall(ctypes.c_long(syscall_nr("tgkill")), os.getpid(), os.getpid(), 0), libc.fcntl(read, 3)]
print(json.dumps([through, own, len(ways)]))
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
        arguments = [str(source), str(folder), str(secret), str(port.getsockname()[1]), str(door), str(os.getpid())]
        said = confined.run([sys.executable, "-S", "-c", INTRUDER, *arguments], "x", reads=source, writes=folder)
    found, environment = json.loads(said)
    assert not {name for name in environment if name.startswith(("CALLBOARD", "STRIPE", "DATABASE"))}
    assert (source.read_text(), (folder / "made").read_text(), (folder / "made").stat().st_uid) == ("Once.", "whole", os.geteuid())
    return list(found)


def test_a_program_that_opens_a_strangers_file_gets_at_nothing_but_it_and_its_folder(tmp_path: Path, no_way_cached: None) -> None:
    got_at, warning = found_by_an_intruder(tmp_path), enclosure().warning
    if walls.in_force().is_whole:
        assert (got_at, warning) == (["read the source", "wrote into its folder"], None)
    else:
        assert warning, "whoever operates this machine is told that no way holds wholly on it"


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


@pytest.mark.parametrize("is_shut", [True, False])
def test_no_call_reaches_another_process_where_there_is_no_namespace_and_an_older_landlock(is_shut: bool) -> None:
    with subprocess.Popen(["sleep", "60"]) as victim:
        given = [str(victim.pid), walls._packages(), str(Path(limits.__file__).parent), "shut" if is_shut else "open"]
        said = subprocess.run([sys.executable, "-S", "-c", SIGNALLER, *given], capture_output=True, check=True, timeout=60).stdout
        victim.kill()
    through, own, count = json.loads(said)
    assert (len(through), own) == (0 if is_shut else count, [0, 0])


@pytest.mark.parametrize("way", ["bubblewrap", "landlock"])
def test_a_program_that_aborts_is_one_that_was_too_hard(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    there = [each for each in ways() if each.way == way]
    if not there:
        pytest.skip(f"this machine has no {way}")
    monkeypatch.setattr(confined, "in_force", lambda: InForce(there[0], True, True, True))
    with pytest.raises(TooHard):
        confined.run([sys.executable, "-S", "-c", "import os; os.abort()"], "x")


def test_whose_rights_a_program_has_is_seen_from_outside() -> None:
    for tried in filter(None, map(walls._tried, walls._ways())):
        assert (tried.is_another_user, tried.is_root) == (tried.walls.as_nobody, os.geteuid() == 0 and not tried.walls.as_nobody)


def test_where_callboard_is_not_root_nothing_says_that_another_user_opens_files(tmp_path: Path) -> None:
    """Bubblewrap has a user of that number in a namespace of its own, who is outside the very user who started it."""
    program = (
        "import json; from campaigns.open_call.media import walls;"
        " print(json.dumps([[t.is_another_user, t.is_root] for t in map(walls._tried, walls._ways()) if t]))"
    )
    own = {"CALLBOARD_HOME": str(tmp_path), "CALLBOARD_SECRET": "s", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(walls.ROOT)}
    as_somebody = ["bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--dev-bind", "/", "/"] if os.geteuid() == 0 else []
    if as_somebody and not shutil.which("bwrap"):
        pytest.skip("root has no bubblewrap to be somebody else in")
    asked = subprocess.run([*as_somebody, sys.executable, "-c", program], env=own, capture_output=True, check=True, timeout=120)
    found = json.loads(asked.stdout)
    assert (found, len(found) > 0) == ([[False, False]] * len(found), True)
