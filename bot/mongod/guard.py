"""The program between the bot and mongod: ``python guard.py LOCK LOG MONGOD ARGUMENTS...``.

Why it exists: mongod must stop when the bot stops, however the bot stops, and no two may ever share a data directory.

- The bot holds the other end of standard input. A kernel closes that pipe when the bot dies, even by ``kill -9``, so
  end of file is the one reliable word for "the bot is gone". A death signal set in the bot itself would not do: it
  follows the thread that started mongod, and asks for code between fork and exec in a process with many threads.
- Here there is one thread, so that is safe, and mongod gets that death signal as a second rope: it stops when the
  guard is killed (Linux only).
- mongod inherits the locked file, so the lock lasts exactly as long as whichever of the two lives longer.

It answers with one line on standard output: ``running PID`` of mongod, or ``busy PID`` of the bot that holds the
directory. It ends with mongod's exit status, or 128 plus the signal that ended mongod. It imports the standard library
only, and runs in Python's isolated mode, so it starts at once from any working directory.
"""

import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

RUNNING_PATIENCE_SECONDS = 2.0
STOPPING_PATIENCE_SECONDS = 25.0
TERMINATE_SECONDS = 20.0
POLL_SECONDS = 0.05

PR_SET_PDEATHSIG = 1
EXIT_NOT_STARTED = 1
SIGNAL_BASE = 128
SIGNALS_AT_ONCE = 1024


def main(arguments: list[str]) -> int:
    """Lock, start mongod, wait for the bot's or mongod's end, stop mongod, and return the exit status."""
    lock_path, log_path, *command = arguments
    lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not take_lock(lock):
        say(f"busy {owner_of(lock) or 0}")
        return EXIT_NOT_STARTED
    write_owner(lock, str(os.getppid()))
    wakeup = listen_for_signals()
    mongod = start_mongod(command, Path(log_path), lock)
    say(f"running {mongod.pid}")
    wait_for_an_end(mongod, wakeup)
    write_owner(lock, "")
    return stop(mongod)


def take_lock(lock: int) -> bool:
    """Wait a little for the lock: long when its owner is gone and only mongod is left, short when the owner lives."""
    started = time.monotonic()
    while not try_lock(lock):
        patience = RUNNING_PATIENCE_SECONDS if is_alive(owner_of(lock)) else STOPPING_PATIENCE_SECONDS
        bot_is_gone = bool(select.select([sys.stdin], [], [], POLL_SECONDS)[0])
        if bot_is_gone or time.monotonic() - started > patience:
            return False
    return True


def try_lock(lock: int) -> bool:
    """Take the lock if nobody holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def owner_of(lock: int) -> int | None:
    """Read the process id of the bot that holds the lock; None while mongod is starting or stopping."""
    text = os.pread(lock, 32, 0)
    return int(text) if text.isdigit() else None


def write_owner(lock: int, owner: str) -> None:
    """Write who holds the lock; empty means that mongod is on its way out."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, owner.encode(), 0)


def is_alive(pid: int | None) -> bool:
    """Tell whether a process with this id exists, no matter whose it is."""
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def listen_for_signals() -> int:
    """Return a descriptor that becomes readable when mongod ends or somebody asks the guard to stop."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)
    return reader


def start_mongod(command: list[str], log_path: Path, lock: int) -> "subprocess.Popen[bytes]":
    """Start mongod with a fresh log, the lock and, on Linux, a signal for the day the guard dies."""
    if log_path.exists():
        log_path.replace(log_path.with_suffix(".log.1"))
    with log_path.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - the command is built by the bot, from no outside text
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock],
            preexec_fn=stop_with_parent(),  # noqa: PLW1509 - safe here: the guard has one thread
        )


def wait_for_an_end(mongod: "subprocess.Popen[bytes]", wakeup: int) -> None:
    """Wait until the bot or mongod is gone, or somebody asks the guard to stop.

    A child's signal also tells that it was frozen or goes on again, which is no end.
    """
    while mongod.poll() is None:
        ready, _, _ = select.select([sys.stdin, wakeup], [], [])
        if sys.stdin in ready or signal.SIGTERM in os.read(wakeup, SIGNALS_AT_ONCE):
            return


def stop_with_parent() -> Callable[[], object] | None:
    """Return what a child runs before exec to be terminated when its parent dies; None where the kernel has no such."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(mongod: "subprocess.Popen[bytes]") -> int:
    """End mongod politely, then by force, and return the exit status to end with."""
    mongod.terminate()
    try:
        status = mongod.wait(TERMINATE_SECONDS)
    except subprocess.TimeoutExpired:
        mongod.kill()
        status = mongod.wait()
    return status if status >= 0 else SIGNAL_BASE - status


def say(line: str) -> None:
    """Answer the bot; it may be gone, which standard input will say."""
    try:
        os.write(sys.stdout.fileno(), f"{line}\n".encode())
    except BrokenPipeError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
