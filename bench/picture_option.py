"""``--picture FILE`` of benchmarks: what cannot be drawn is said before half an hour is spent, not after it."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def picture_option(command: _Command) -> _Command:
    """Add the option, whose value is a path, or None."""
    decorate = click.option(
        "--picture",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_drawable,
        help="Also draw the result into this file.",
    )
    return decorate(command)


def _drawable(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and find_spec("matplotlib") is None:
        raise click.BadParameter("drawing needs matplotlib, which `make bench` installs")
    if path is not None and not path.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.absolute().parent}")
    return path
