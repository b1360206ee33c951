"""``python -m tests.fuzz [TARGET...] [--seconds N]``: each target for its share of the time; ends with 1 at a crash."""

import argparse
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

_SECONDS = 600
_SEED = 1
_ONE = "--one"


def main() -> int:
    """Run the targets one after the other, each in a process of its own: the fuzzer never gives its own back."""
    if sys.argv[1:2] == [_ONE]:
        return _fuzz(sys.argv[2], sys.argv[3:])
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("targets", nargs="*", default=["records", "calls", "slack", "policy", "api"])
    asked.add_argument("--seconds", type=int, default=_SECONDS, help="for all of them together")
    given = asked.parse_args()
    share = max(1, given.seconds // len(given.targets))
    return max(_run(target, share) for target in given.targets)


def _run(target: str, seconds: int) -> int:
    """What crashed it, if anything does, stays in the folder that is named."""
    folder = Path(tempfile.mkdtemp(prefix=f"dd0c-fuzz-{target}-"))
    options = [f"-max_total_time={seconds}", f"-seed={_SEED}", "-print_final_stats=1", f"-artifact_prefix={folder}/"]
    command = [sys.executable, "-m", "tests.fuzz", _ONE, target, *options, "-rss_limit_mb=1500", "-timeout=20"]
    done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter
    said = done.stderr.splitlines()
    tail = [line for line in said if line.startswith("stat::number_of_executed_units")] if not done.returncode else said
    print(f"{target}: {'no crash' if not done.returncode else f'crashed, see {folder}'}", *tail[-40:], sep="\n  ")  # noqa: T201 - a command
    if not done.returncode:
        folder.rmdir()
    return int(done.returncode != 0)


def _fuzz(target: str, options: list[str]) -> int:
    """Let libFuzzer choose the bytes; only our own packages tell it what was reached."""
    atheris = import_module("atheris")  # It is in an environment of its own.
    ours = ["blocks", "clients", "engine", "handlers"]
    with atheris.instrument_imports(include=ours):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - what is imported here is instrumented

    atheris.Setup([f"fuzz-{target}", *options], TARGETS[target])
    atheris.Fuzz()
    return 0


sys.exit(main())
