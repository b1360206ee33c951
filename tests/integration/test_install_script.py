"""``install.sh`` as a person meets it: its questions, and the settings it writes."""

import os
import pty
import shutil
import stat
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.setting_faults import parsed_keys
from bot.settings import Settings

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
ANSWERS = ["https://costs.example.com", "0123456789abcdef0123", "xoxb-1-2-abc", "C0123456789"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The script beside a ``docker`` that writes down what it is told."""
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/docker.log\n')
    docker.chmod(0o755)
    return Path(shutil.copy(ROOT / "install.sh", tmp_path)).parent


def install(
    checkout: Path, *answers: str, options: Sequence[str] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the script under test
        [checkout / "install.sh", *options],
        input="".join(f"{answer}\n" for answer in answers),
        env={"PATH": f"{checkout / 'bin'}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def written(checkout: Path) -> dict[str, str]:
    lines = (checkout / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_four_answers_make_settings_that_the_bot_takes(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = install(checkout, *ANSWERS)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
    monkeypatch.setenv("MONGODB_URI", "mongodb://mongo:27017/?replicaSet=dd0c")  # compose.yaml brings it.
    settings = Settings(_env_file=checkout / ".env")  # type: ignore[call-arg] # pydantic's own argument
    assert (settings.public_url, settings.alert_channel, settings.local_login) == (ANSWERS[0], ANSWERS[3], True)
    keys = (settings.encryption_keys, settings.session_keys, settings.audit_keys)
    assert len({parsed_keys("a key", one)["v1"] for one in keys}) == 3
    assert (checkout / "docker.log").read_text().splitlines()[-1] == (
        "compose --env-file .env -f infra/compose.yaml up --detach --build"
    )
    assert not any(secret in done.stderr + done.stdout for secret in [*ANSWERS[1:3], *written(checkout).values()][:2])


def test_without_an_address_it_is_socket_mode_and_no_proxy(checkout: Path) -> None:
    done = install(checkout, "", "xapp-1-A-2-b", "xoxb-1", "U0123456789")
    assert done.returncode == 0, done.stderr
    settings = written(checkout)
    assert settings["SLACK_APP_TOKEN"] == "xapp-1-A-2-b"
    assert settings["DD0C_ADMIN_USER"] == "U0123456789"
    assert settings.keys().isdisjoint({"COMPOSE_PROFILES", "DD0C_URL", "SLACK_SIGNING_SECRET", "DD0C_ALERT_CHANNEL"})


def test_what_does_not_look_right_is_asked_again(checkout: Path) -> None:
    odd = ["http://costs.example.com", "costs.example.com", "https://a b", "https://k\u00f6sten.example", "https://-"]
    odd += ["https://x.example/path", "https://x.example/$(touch odd)"]
    wrong = [*odd, ANSWERS[0], "short", "sch\u00fcsselwort-mit-umlaut", ANSWERS[1], "xoxp-1", "", ANSWERS[2]]
    done = install(checkout, *wrong, "#costs", "  ", "cosT", ANSWERS[3])
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("That does not look right: ") == len(odd) + 7
    assert "write https:// and a name" in done.stderr
    assert "it begins with xoxb-" in done.stderr
    assert not any(word in done.stderr for word in ("umlaut", "xoxp-1"))
    assert written(checkout)["DD0C_URL"] == ANSWERS[0]
    assert not (checkout / "odd").exists()


def test_blanks_around_an_answer_and_a_slash_behind_the_address_do_no_harm(checkout: Path) -> None:
    done = install(checkout, f" {ANSWERS[0]}/ ", *(f"\t{answer}  " for answer in ANSWERS[1:]))
    assert done.returncode == 0, done.stderr
    found = written(checkout)
    assert [
        found[name] for name in ("DD0C_URL", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "DD0C_ALERT_CHANNEL")
    ] == ANSWERS
    assert found["DD0C_DOMAIN"] == "costs.example.com"


@pytest.mark.parametrize("heard", range(len(ANSWERS)))
def test_who_interrupts_leaves_nothing_behind_and_sees_again_what_is_typed(checkout: Path, heard: int) -> None:
    """By Ctrl-C, at a terminal, which shows no secret that is typed at it."""
    leader, terminal = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - the script under test
        # Where the tests run in the background Ctrl-C is ignored, and no shell can trap what was ignored when it began.
        ["env", "--default-signal=INT", "setsid", "--ctty", checkout / "install.sh"],  # noqa: S607 - as it is on the PATH
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={"PATH": f"{checkout / 'bin'}:{os.environ['PATH']}"},
    )
    shown = b""
    for number, answer in enumerate([*ANSWERS[:heard], "\x03"], 1):
        while f"{number}. ".encode() not in shown or not shown.rstrip(b" ").endswith((b":", b")")):
            shown += os.read(leader, 4096)
        os.write(leader, answer.encode() + (b"" if answer == "\x03" else b"\n"))
    assert process.wait(30) == 1
    assert termios.tcgetattr(terminal)[3] & termios.ECHO
    os.close(terminal)
    os.close(leader)
    assert not list(checkout.glob(".env*"))
    assert not any(secret.encode() in shown for secret in ANSWERS[1:3])


def test_settings_that_others_could_read_are_closed(checkout: Path) -> None:
    (checkout / ".env").write_text("DD0C_LOCAL_LOGIN=1\n")
    (checkout / ".env").chmod(0o644)
    assert install(checkout, "no").returncode == 0
    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
    assert (checkout / ".env").read_text() == "DD0C_LOCAL_LOGIN=1\n"


def test_git_takes_none_of_the_files_it_writes(checkout: Path) -> None:
    install(checkout, *ANSWERS)
    install(checkout, "yes", *ANSWERS)
    shutil.copy(ROOT / ".gitignore", checkout)
    subprocess.run(["git", "init", "--quiet", checkout], check=True)  # noqa: S603, S607 - git as it is on the PATH
    command = ["git", "-C", str(checkout), "status", "--porcelain", "--untracked-files=all"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - as above
    assert "install.sh" in told
    assert ".env" not in told


@pytest.mark.parametrize("heard", range(len(ANSWERS)))
def test_who_stops_answering_leaves_nothing_behind(checkout: Path, heard: int) -> None:
    done = install(checkout, *ANSWERS[:heard])
    assert done.returncode == 1
    assert "nothing was written" in done.stderr
    assert not (checkout / ".env").exists()


def test_settings_that_are_there_are_kept_unless_asked_otherwise(checkout: Path) -> None:
    install(checkout, *ANSWERS)
    first = written(checkout)
    for answers in ([], ["no"], [""], ["yes"]):  # The last one says nothing to the questions.
        install(checkout, *answers)
        assert written(checkout) == first
    assert install(checkout, "yes", *ANSWERS[:3], "C999").returncode == 0
    assert written(checkout) == first | {"DD0C_ALERT_CHANNEL": "C999"}
    aside = [one for one in checkout.iterdir() if ".before-" in one.name]
    assert len(aside) == 1
    assert stat.S_IMODE(aside[0].stat().st_mode) == 0o600


@pytest.fixture
def machine(checkout: Path) -> Path:
    """Besides, a ``systemctl`` that writes down what it is told, and a pip that fails where a file ``broken`` is."""
    (checkout / "scripts").mkdir()
    for name in ("scripts/preflight.sh", "infra"):
        (checkout / name).symlink_to(ROOT / name)
    log, broken = checkout / "systemctl.log", checkout / "broken"
    pip = f"#!/bin/sh\\n[ ! -e {broken} ]\\n"
    programs = {
        "systemctl": f'echo "$@" >> {log}',
        "python3": f'[ "$1" = -c ] && exit; mkdir "$3/bin"; printf "{pip}" > "$3/bin/python"; chmod +x "$3/bin/python"',
    }
    for name, line in programs.items():
        (checkout / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (checkout / "bin" / name).chmod(0o755)
    return checkout


def upgrade(machine: Path, *answers: str) -> subprocess.CompletedProcess[str]:
    return install(machine, *answers, options=["--systemd"], DESTDIR=str(machine / "root"))


def test_an_upgrade_that_fails_leaves_the_program_as_it_was(machine: Path) -> None:
    program = machine / "root/opt/dd0c"
    assert upgrade(machine, *ANSWERS).returncode == 0
    first = program.resolve()
    assert (program / "bin/python").exists()
    (machine / "broken").touch()
    told = (machine / "systemctl.log").read_text()
    assert upgrade(machine, "no").returncode != 0
    assert program.resolve() == first
    assert (machine / "systemctl.log").read_text() == told
    (machine / "broken").unlink()
    assert upgrade(machine, "no").returncode == 0
    assert program.resolve() != first
    assert [one for one in program.parent.iterdir() if not one.is_symlink()] == [program.resolve()]
    assert "restart dd0c.service\ntry-restart dd0c-worker@*.service" in (machine / "systemctl.log").read_text()
