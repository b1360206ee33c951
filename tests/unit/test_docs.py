"""Documentation that names what exists: every setting, job and action, and no others."""

import re
from pathlib import Path

import pytest

from bot.settings import ForwardSettings, Settings
from handlers.slack import anomaly_actions, anomaly_menu, asking, routes_modal, snooze_modal, tickets, welcome
from handlers.slack.commands import ACTIONS as COMMAND_ACTIONS
from handlers.slack.commands.table import COMMANDS

_CLICKED = (anomaly_actions, anomaly_menu, asking, routes_modal, snooze_modal, tickets, welcome)
ROOT = Path(__file__).parent.parent.parent
MAP = (ROOT / "docs" / "map.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()


def names_of_settings() -> set[str]:
    """Every environment variable that the settings read."""
    aliases = (field.validation_alias for kind in (Settings, ForwardSettings) for field in kind.model_fields.values())
    return {str(choice) for alias in aliases for choice in alias.choices}  # type: ignore[union-attr] # all have aliases


def rows_after(heading: str, text: str) -> list[str]:
    """The first cell of each row of the table below a heading."""
    table = text.split(heading)[1].split("\n## ", maxsplit=1)[0]
    return [row.split("|")[1].strip().strip("`") for row in table.splitlines() if row.startswith("| `")]


def test_every_setting_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"`((?:SLACK|DD0C|AWS|MONGODB|STRIPE|OTEL)_[A-Z_]+)`", SETTINGS))
    assert documented == names_of_settings()


def test_every_job_is_on_the_map_and_no_other() -> None:
    table = (ROOT / "scheduler" / "jobs.py").read_text()
    assert rows_after("## The jobs", MAP) == re.findall(r'Job\("(\w+)"', table)


def test_every_action_is_on_the_map_and_no_other() -> None:
    assert sorted(rows_after("## What people can click", MAP)) == sorted(
        [action for module in _CLICKED for action in module.ACTIONS] + [*COMMAND_ACTIONS]
    )


def test_every_command_is_in_the_readme_and_no_other() -> None:
    table = (ROOT / "README.md").read_text().split("## What to say to it")[1].split("\n\n## ", maxsplit=1)[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert {word for cell in cells for word in re.findall(r"`(\w+)", cell)} == set(COMMANDS)


@pytest.mark.parametrize(
    "name", re.findall(r"`((?:engine|services|clients|blocks|handlers|bot|store)/[\w/]+\.py)`", MAP)
)
def test_every_file_on_the_map_exists(name: str) -> None:
    assert (ROOT / name).is_file()


def test_how_the_bot_is_governed_is_told_on_two_pages() -> None:
    assert len((ROOT / "docs" / "governance.md").read_text().split()) <= 1000
