"""The archive in a folder of this machine. ``dd0c replay`` reads it as it is."""

import asyncio
import os
import shutil
from datetime import datetime
from pathlib import Path

from clients.archive_names import SUFFIX, account_folder, object_name, object_time
from clients.file_errors import translated

_PART = ".part"


class ArchiveFolder:
    """One file for each batch of an account and hour, under the tenant's and the account's folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def save_object(self, tenant_id: str, account_id: str, name: str, time: datetime, content: bytes) -> None:
        """Keep an object durably; one that is there already stays. Raises Unavailable when the disk is full."""
        path = self._root / object_name(tenant_id, account_id, name, time)
        with translated(f"Writing {path}"):
            await asyncio.to_thread(_write, path, content)

    async def delete_account(self, tenant_id: str, account_id: str) -> int:
        """Delete all objects of an account; return how many there were."""
        folder = self._root / account_folder(tenant_id, account_id)
        with translated(f"Deleting {folder}"):
            return await asyncio.to_thread(_delete_all, folder)

    async def prune(self, before: datetime) -> int:
        """Delete the objects, also half ones a crash left, whose records are older than that; return how many."""
        with translated(f"Pruning {self._root}"):
            return await asyncio.to_thread(self._prune, before)

    def _prune(self, before: datetime) -> int:
        count = 0
        for path in list(self._root.rglob(f"*{SUFFIX}*")):
            time = object_time(path.name.partition(SUFFIX)[0] + SUFFIX)
            if time is not None and time < before:
                path.unlink(missing_ok=True)
                _remove_empty(path.parent, self._root)
                count += 1
        return count


def _write(path: Path, content: bytes) -> None:
    """Write beside and rename, so that a crash leaves no half object under the name of a whole one."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}{_PART}")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _delete_all(folder: Path) -> int:
    count = sum(1 for _ in folder.rglob(f"*{SUFFIX}"))
    if folder.exists():
        shutil.rmtree(folder)
    return count


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
