"""``scripts/preflight.sh`` on machines that lack something, played by a PATH with nothing else on it."""

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

SCRIPT = Path(__file__).parents[2] / "scripts" / "preflight.sh"
PYTHON = """#!/bin/sh
case "$2" in
    *version_info*) exit {old} ;;
    *ensurepip*) exit {no_venv} ;;
    *CDLL*) test "$3" != "{missing}" ;;
esac
"""


class Machine:
    """A folder of programs, each a few lines of shell."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.add("uname", '#!/bin/sh\necho "Linux x86_64"\n')

    def add(self, name: str, script: str) -> None:
        program = self.path / name
        program.write_text(script)
        program.chmod(0o755)

    def add_python(self, name: str = "python3", *, old: bool = False, no_venv: bool = False, missing: str = "") -> None:
        self.add(name, PYTHON.format(old=int(old), no_venv=int(no_venv), missing=missing))

    def preflight(self) -> tuple[int, str, str]:
        done = subprocess.run(  # noqa: S603 - our own script
            ["/bin/sh", str(SCRIPT)], env={"PATH": str(self.path)}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_that_has_all_of_it(machine: Machine) -> None:
    machine.add_python()
    assert machine.preflight() == (0, "python3\n", "")


def test_a_newer_python_beside_an_old_one_is_taken(machine: Machine) -> None:
    machine.add_python(old=True)
    machine.add_python("python3.12")
    assert machine.preflight() == (0, "python3.12\n", "")


@pytest.mark.parametrize("old", [True, False])
def test_without_a_python_that_is_new_enough(machine: Machine, old: bool) -> None:
    if old:
        machine.add_python(old=True)
    status, said, complaint = machine.preflight()
    assert (status, said) == (1, "")
    assert complaint == "Python 3.11 or newer is needed: on Debian and Ubuntu, apt-get install python3 python3-venv.\n"


@pytest.mark.parametrize("name", ["python3", "python3.12"])
def test_without_venv_the_package_of_that_python_is_named(machine: Machine, name: str) -> None:
    machine.add_python(name, no_venv=True)
    status, said, complaint = machine.preflight()
    assert (status, said) == (1, "")
    assert complaint == f"{name} cannot make virtual environments: apt-get install {name}-venv.\n"


@pytest.mark.parametrize(("library", "package"), [("libcurl.so.4", "libcurl4"), ("libcrypto.so.3", "libssl3")])
def test_a_library_that_is_missing_is_named_with_its_package(machine: Machine, library: str, package: str) -> None:
    machine.add_python(missing=library)
    status, said, complaint = machine.preflight()
    assert (status, said) == (1, "")
    assert f"needs {library}: apt-get install {package} " in complaint


def test_with_a_mongod_of_its_own_or_another_processor_no_library_is_needed(machine: Machine) -> None:
    machine.add_python(missing="libcurl.so.4")
    machine.add("mongod", "#!/bin/sh\n")
    assert machine.preflight()[0] == 0
    (machine.path / "mongod").unlink()
    machine.add("uname", '#!/bin/sh\necho "Linux aarch64"\n')
    assert machine.preflight()[0] == 0
