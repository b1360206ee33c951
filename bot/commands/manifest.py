"""``dd0c manifest``"""

import re
from importlib.resources import files
from pathlib import Path

import click

_PLACEHOLDER = "https://dd0c.example.com"
_BASE_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?")
_ADDRESSES = re.compile(
    rf"^ *(#.*|redirect_urls:|- {_PLACEHOLDER}.*|(request_)?url: {_PLACEHOLDER}.*|Privacy: {_PLACEHOLDER}.*"
    r"|user:|- openid|- profile|- email)\n",
    re.MULTILINE,
)


@click.command()
@click.option("--base-url", help="Where Slack and browsers reach your bot, such as https://costs.example.com.")
@click.option("--socket-mode", is_flag=True, help="For a bot with SLACK_APP_TOKEN, which needs no address.")
def manifest(base_url: str | None, socket_mode: bool) -> None:
    """Print the Slack app's manifest, to be pasted at https://api.slack.com/apps ("From a manifest")."""
    if socket_mode == bool(base_url):
        raise click.UsageError("Give --base-url https://..., or --socket-mode for a bot without an address.")
    click.echo(without_addresses(_text()) if base_url is None else with_address(_text(), base_url), nl=False)


def with_address(text: str, base_url: str) -> str:
    """Give the manifest with the bot's address in it."""
    if not _BASE_URL.fullmatch(base_url):
        raise click.UsageError(
            "--base-url must be an https:// address without a path, such as https://costs.example.com: Slack takes no "
            "other. Without one, use --socket-mode."
        )
    return text.replace(_PLACEHOLDER, base_url.rstrip("/"))


def without_addresses(text: str) -> str:
    """Give the manifest for Socket Mode: Slack is then called, and calls nobody; and nobody signs in on the web."""
    return _ADDRESSES.sub("", text).replace("socket_mode_enabled: false", "socket_mode_enabled: true")


def _text() -> str:
    """Read it where the wheel has it, or else at the top of the working copy."""
    packaged = files("bot").joinpath("manifest.yml")
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).parents[2] / "manifest.yml").read_text("utf-8")
