"""What the working tree is compared with: the last release, where it left main, and its parent."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def bases() -> list[str]:
    """The last tag and where this left main, if they are there; the parent.

    Raises subprocess.CalledProcessError without a parent, FileNotFoundError without git.
    """
    tag = git("describe", "--tags", "--abbrev=0", check=False).strip()
    left_main = [git("merge-base", "HEAD", main, check=False).strip() for main in ("origin/main", "main")]
    parent = git("rev-parse", "--verify", "HEAD^").strip()
    return list(dict.fromkeys(filter(None, (tag, *left_main, parent))))


def tags() -> list[str]:
    """The releases that this checkout knows; none without git."""
    try:
        return git("tag", "--merged", "HEAD", check=False).split()
    except FileNotFoundError:
        return []


def is_shallow() -> bool:
    """Whether this is a clone that left out its history."""
    return git("rev-parse", "--is-shallow-repository", check=False).strip() == "true"


def bases_or_skip() -> list[str]:
    """For a test: without any history there is nothing to compare with, with a part of it the checkout is wrong."""
    try:
        return bases()
    except (subprocess.CalledProcessError, FileNotFoundError):
        assert not is_shallow(), "check out with history: this gate compares with the parent and the last tag"
        pytest.skip("no history to compare with: this is no git checkout, or one of a single commit")


def changed(base: str, *folders: str) -> list[str]:
    """Paths below the folders that differ from ``base`` in the working tree, those included that git does not know."""
    names = git("diff", "--name-only", "--no-renames", base, "--", *folders).splitlines()
    return names + git("ls-files", "--others", "--exclude-standard", "--", *folders).splitlines()


def text_at(base: str, name: str) -> str:
    """A file as it was; empty where it was not."""
    return git("show", f"{base}:{name}", check=False)


def text_now(name: str) -> str:
    """A file as it is; empty where it is not."""
    path = ROOT / name
    return path.read_text() if path.exists() else ""


def tree_at(base: str, *folders: str) -> Iterator[tuple[str, str]]:
    """(path, text) of each Python file below the folders, as it was; those that did not change are read from here."""
    differing = set(changed(base, *folders))
    for name in git("ls-tree", "-r", "--name-only", base, "--", *folders).splitlines():
        if name.endswith(".py"):
            yield name, text_at(base, name) if name in differing else text_now(name)


def tree_now(*folders: str) -> Iterator[tuple[str, str]]:
    """(path, text) of each Python file below the folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")) if (ROOT / folder).is_dir() else [ROOT / folder]:
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def git(*words: str, check: bool = True) -> str:
    """What git says."""
    command = ["git", "-C", str(ROOT), *words]
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout  # noqa: S603 - fixed words
