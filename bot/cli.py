"""``dd0c``: one command line for everything."""

from importlib import import_module
from importlib.metadata import entry_points, version

import click

from bot.standard_output import never_fail_to_encode
from engine.errors import Dd0cError

_PLUGINS = "dd0c.commands"
_OWN = (
    "accounts",
    "audit",
    "backup",
    "doctor",
    "flags",
    "forward",
    "keys",
    "manifest",
    "openapi",
    "prices",
    "queue",
    "replay",
    "restore",
    "serve",
    "users",
    "worker",
)


class LazyCommands(click.Group):
    """Imports a command only when it is asked for, so that ``dd0c replay`` loads no database and no Slack."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name our own commands and those of the entry-point group."""
        return sorted({*_OWN, *(point.name for point in entry_points(group=_PLUGINS)), *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command, or None when there is none of that name."""
        if cmd_name in _OWN:
            return _own(cmd_name)
        for point in entry_points(group=_PLUGINS):
            if point.name == cmd_name:
                command: click.Command = point.load()
                return command
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Say our own errors in one sentence; anything else is a defect and keeps its traceback."""
        never_fail_to_encode()
        try:
            return super().invoke(ctx)
        except Dd0cError as error:
            raise click.ClickException(str(error)) from error


def _own(name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"bot.commands.{name}"), name)
    return command


@click.group(cls=LazyCommands)
@click.version_option(version("dd0c-cost"), prog_name="dd0c")
def main() -> None:
    """Catch expensive AWS mistakes minutes after they happen."""
