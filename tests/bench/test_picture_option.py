from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bench import picture_option as module
from bench.picture_option import picture_option


@click.command()
@picture_option
def _measure(picture: Path | None) -> None:
    click.echo(f"measured for {picture}")


@pytest.mark.parametrize(
    ("library", "folder", "said"),
    [
        (None, "", "drawing needs matplotlib, which `make bench` installs"),
        (object(), "nowhere", "there is no folder"),
    ],
)
def test_nothing_is_measured_for_a_picture_that_cannot_be_drawn(
    library: object, folder: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: library)
    answer = CliRunner().invoke(_measure, ["--picture", str(tmp_path / folder / "soak.png")])
    assert said in answer.output
    assert "measured for" not in answer.output
    assert answer.exit_code


def test_without_a_picture_the_library_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    assert CliRunner().invoke(_measure).output == "measured for None\n"


def test_what_can_be_drawn_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: object())
    assert "measured for" in CliRunner().invoke(_measure, ["--picture", str(tmp_path / "soak.png")]).output
