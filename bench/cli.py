"""``dd0c bench``: the benchmarks, each one command that prints one table."""

import importlib

import click

_BENCHES = {
    "poll": ("bench.poll.command", "poll"),
    "detection": ("bench.detection.command", "detection"),
    "speed": ("bench.speed.command", "speed"),
    "ingest": ("bench.ingest.command", "ingest"),
    "zombies": ("bench.zombies.command", "zombies"),
    "slack": ("bench.slack.command", "slack"),
    "load": ("bench.load.command", "load"),
    "soak": ("bench.load.soak", "soak"),
    "pages": ("bench.pages.command", "pages"),
    "tracing": ("bench.tracing.command", "tracing"),
}


class LazyBenches(click.Group):
    """Imports a benchmark only when it runs, for their libraries are not installed with the bot."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all benchmarks."""
        return sorted({*_BENCHES, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one, or None when there is none of that name."""
        if cmd_name not in _BENCHES:
            return super().get_command(ctx, cmd_name)
        module, name = _BENCHES[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyBenches)
def bench() -> None:
    """Measure the bot. With --json the last line is one JSON object with every figure of the table."""
