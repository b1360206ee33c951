"""The folder of a demo's database, which goes with it; what killed demos left behind goes when the next one starts."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_PREFIX = "dd0c-demo-"
_MARK = "in-use"
_MONGOD_LOCK = Path("mongod") / "lock"


@contextmanager
def demo_folder(parent: Path | None) -> Iterator[Path]:
    """Make a folder below ``parent``, or where this machine keeps temporary files. Raises OSError."""
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
    sweep(Path(tempfile.gettempdir()) if parent is None else parent)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent) as name, _marked(Path(name)):
        yield Path(name)


@contextmanager
def _marked(folder: Path) -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends. The mark gets its name when it is locked already."""
    unnamed = folder / f"{_MARK}.new"
    with unnamed.open("w") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        unnamed.rename(folder / _MARK)
        yield


def sweep(parent: Path) -> None:
    """Remove this user's folders of demos that no process holds any more, neither the demo nor its mongod."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with ExitStack() as stack:
            if _is_ours(folder) and _locked(stack, folder / _MARK) and _locked(stack, folder / _MONGOD_LOCK):
                shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and found.st_uid == os.getuid()


def _locked(stack: ExitStack, path: Path) -> bool:
    """Take a lock that nobody holds; a folder without it may be one that is being set up."""
    try:
        file = stack.enter_context(path.open("r+"))
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
