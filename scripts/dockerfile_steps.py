"""Do what the Dockerfile says, without a container engine: each stage in a clean folder, each step as it stands there.

Absolute paths are moved below that folder, users and the file system's isolation are left out, and the machine's own
Python takes the place of the base image. Then the image's entry point and its health check are called.
"""

import fnmatch
import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
# What the steps name by its absolute path; the host's own folders must not be touched.
_MOVED = re.compile(r"(?<![\w.])/(?=(?:opt|src|wheels|var/lib)(?:/|\s|$|:|\"))")


class Stage:
    """One FROM: where its file system lies, its environment, and what the image will be called with."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name
        self.work = root
        python = str(Path(sys.executable).parent)
        self.environment = {"PATH": f"{python}:/usr/bin:/bin", "HOME": str(root)}
        kept = ("PIP_CONFIG_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "HTTPS_PROXY", "SSL_CERT_FILE")
        self.environment |= {setting: os.environ[setting] for setting in kept if setting in os.environ}
        self.said: dict[str, str] = {}

    def moved(self, text: str) -> str:
        """Lay absolute paths below this stage's folder."""
        return _MOVED.sub(f"{self.root}/", text)

    def path(self, name: str) -> Path:
        """Where a path of the image lies on this machine."""
        return self.root / name.lstrip("/") if name.startswith("/") else self.work / name


class Build:
    """Runs the instructions of one Dockerfile in a new folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stages: dict[str, Path] = {}
        self.stage = Stage(folder / "now", "")

    def run(self, dockerfile: str) -> None:
        """Do every instruction. Raises CalledProcessError when a step fails, SystemExit for an unknown instruction."""
        for word, rest in instructions(dockerfile):
            step = getattr(self, f"_do_{word.lower()}", None)
            if step is None:
                raise SystemExit(f"{word}: this script does not know that instruction; teach it or leave it out.")
            sys.stdout.write(f"{word} {rest}\n")
            sys.stdout.flush()
            step(rest)

    def _do_from(self, rest: str) -> None:
        # Every stage lies at the same place while it is built, because environments hold absolute paths.
        now = self._folder / "now"
        if now.exists():
            kept = self._folder / f"stage-{len(self._stages)}"
            now.rename(kept)
            self._stages[self.stage.name] = kept
        now.mkdir()
        self.stage = Stage(now, rest.partition(" AS ")[2])

    def _do_env(self, rest: str) -> None:
        for pair in shlex.split(rest):
            name, _, value = pair.partition("=")
            self.stage.environment[name] = self.stage.moved(value)
        path = self.stage.environment["PATH"]
        self.stage.environment["PATH"] = f"{path}:{Path(sys.executable).parent}"

    def _do_workdir(self, rest: str) -> None:
        self.stage.work = self.stage.path(rest)
        self.stage.work.mkdir(parents=True, exist_ok=True)

    def _do_copy(self, rest: str) -> None:
        words = shlex.split(rest)
        options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
        *sources, target = [word for word in words if not word.startswith("--")]
        outside = self._stages[options["from"]] if "from" in options else None
        for source in sources:
            if outside is None and not is_in_context(source):
                raise SystemExit(f"COPY {source}: .dockerignore leaves it out.")
            origin = (outside or REPOSITORY) / source.lstrip("/")
            into = self.stage.path(target)
            self._copy(origin, into / origin.name if target.endswith("/") and origin.is_file() else into)

    def _copy(self, origin: Path, into: Path) -> None:
        into.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            ignore = (
                shutil.ignore_patterns("__pycache__", "*.pyc", ".env") if origin.is_relative_to(REPOSITORY) else None
            )
            shutil.copytree(origin, into, symlinks=True, dirs_exist_ok=True, ignore=ignore)
        else:
            shutil.copy2(origin, into)

    def _do_run(self, rest: str) -> None:
        self.call(["/bin/sh", "-c", self.stage.moved(rest)])

    def _remember(self, word: str, rest: str) -> None:
        self.stage.said[word] = rest

    def _do_healthcheck(self, rest: str) -> None:
        self._remember("HEALTHCHECK", rest.partition("CMD ")[2])

    def _do_entrypoint(self, rest: str) -> None:
        self._remember("ENTRYPOINT", rest)

    def _do_cmd(self, rest: str) -> None:
        self._remember("CMD", rest)

    def _do_user(self, rest: str) -> None:
        if rest.partition(":")[0] in {"0", "root"}:
            raise SystemExit("USER: the image must not run as root.")
        self._remember("USER", rest)

    def _do_volume(self, rest: str) -> None:
        self._remember("VOLUME", rest)

    def _do_expose(self, rest: str) -> None:
        self._remember("EXPOSE", rest)

    def _do_stopsignal(self, rest: str) -> None:
        self._remember("STOPSIGNAL", rest)

    def words(self, instruction: str) -> list[str]:
        """The words of an instruction that is written as a list, such as ENTRYPOINT."""
        found: list[str] = [self.stage.moved(word) for word in json.loads(self.stage.said[instruction])]
        return found

    def call(self, command: list[str], *, quiet: bool = False, **more: str) -> None:
        """Run a command in the stage's environment and working directory."""
        environment = {**self.stage.environment, **more}
        program = shutil.which(command[0], path=environment["PATH"]) or command[0]
        subprocess.run(  # noqa: S603 - the Dockerfile's own words
            [program, *command[1:]],
            cwd=self.stage.work,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL if quiet else None,
        )


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Split a Dockerfile into (instruction, rest), with comments gone and continued lines joined."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in joined.splitlines() if line.strip()]


def is_in_context(source: str) -> bool:
    """Whether .dockerignore lets a path into the build; the last line that matches decides."""
    kept = True
    for line in (REPOSITORY / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        parts = Path(source).parts
        prefixes = ["/".join(parts[: number + 1]) for number in range(len(parts))]
        if line and not line.startswith("#") and any(fnmatch.fnmatch(one, pattern) for one in prefixes):
            kept = line.startswith("!")
    return kept


class _Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        return


def check_health(build: Build) -> None:
    """The image's health check must tell a process that answers from one that does not."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        build.call(build.words("HEALTHCHECK"), DD0C_PORT=str(server.server_port))
        server.shutdown()
        port = str(server.server_port)
    try:
        build.call(build.words("HEALTHCHECK"), DD0C_PORT=port)
    except subprocess.CalledProcessError:
        return
    raise SystemExit("HEALTHCHECK: it says that a process is healthy which does not answer.")


def check_writes(build: Build) -> None:
    """Nothing but DD0C_DATA_DIR may be written, because the root file system is read-only."""
    before = set(build.stage.root.rglob("*"))
    entry = build.words("ENTRYPOINT")
    for words in (
        ["--version"],
        ["manifest", "--socket-mode"],
        ["openapi"],
        [*build.words("CMD"), "--help"],
        ["worker", "--help"],
    ):
        build.call([*entry, *words], quiet=True)
    if new := sorted(set(build.stage.root.rglob("*")) - before):
        raise SystemExit(f"These were written to the image's file system: {new}")


def main() -> None:
    """Build, and call what the image would call."""
    with tempfile.TemporaryDirectory(prefix="dd0c-image-") as folder:
        build = Build(Path(folder))
        build.run((REPOSITORY / "Dockerfile").read_text())
        check_writes(build)
        check_health(build)
        size = sum(one.stat().st_size for one in build.stage.root.rglob("*") if one.is_file() and not one.is_symlink())
        sys.stdout.write(f"Every step passed. What was added to the base image has {size / 1e6:.0f} MB.\n")


if __name__ == "__main__":
    main()
