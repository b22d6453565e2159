"""Files are for our own user and its group: no other user of the machine looks in."""

import sys
from pathlib import Path

from campaigns.core.files import LocalFolder
from campaigns.core.ids import new_id
from flows.supervise import process


def modes(home: Path) -> dict[str, int]:
    """The mode of the folder itself and of every file in it."""
    return {str(path.relative_to(home)): path.stat().st_mode & 0o777 for path in (home, *home.rglob("*")) if path == home or path.is_file()}


def test_what_is_kept_and_what_arrives_is_closed_to_others(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path / "files")
    staged = folder.staged(new_id())
    staged.write_bytes(b"a contribution")
    kept = folder.keep(staged)
    staged.unlink()
    assert modes(tmp_path / "files") == {".": 0o750, str(folder.path(kept.sha256).relative_to(tmp_path / "files")): 0o640}


def test_so_is_what_a_program_says(tmp_path: Path) -> None:
    process.start([sys.executable, "-c", "print(1)"], env={}, log=tmp_path / "web.log").wait()
    assert modes(tmp_path)["web.log"] == 0o640
