"""The manifest is one that Slack takes, and asks for what the bot does and nothing else."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from blocks.help import COMMANDS
from bot.cli import main
from clients.identity.oidc import Client
from handlers.slack import additions, departures, home
from handlers.slack.commands import COMMAND
from handlers.slack.scopes import OPTIONAL, REQUIRED, SIGN_IN
from handlers.web.notices import PRIVACY, SUPPORT
from handlers.web.sign_in import RETURN
from handlers.web.slack_install import REDIRECT
from handlers.web.slack_routes import PATHS
from services.sign_ins import SLACK

TEXT = (Path(__file__).parents[2] / "manifest.yml").read_text()
MANIFEST: dict[str, Any] = yaml.safe_load(TEXT)
BASE_URL = "https://dd0c.example.com"

# What Slack's documentation names; the bot has a use for a few of them.
KNOWN_SCOPES = {
    *("app_mentions:read", "channels:history", "channels:join", "channels:manage", "channels:read", "chat:write"),
    *("chat:write.customize", "chat:write.public", "commands", "files:read", "files:write", "groups:history"),
    *("groups:read", "groups:write", "im:history", "im:read", "im:write", "incoming-webhook", "links:read"),
    *("links:write", "metadata.message:read", "mpim:history", "mpim:read", "mpim:write", "pins:read", "reactions:read"),
    *("reactions:write", "team:read", "usergroups:read", "users.profile:read", "users:read", "users:read.email"),
}
HEARD = [home.EVENT, *departures.EVENTS, additions.EVENT]
KNOWN_EVENTS = {
    *("app_home_opened", "app_mention", "app_uninstalled", "channel_archive", "channel_deleted", "channel_rename"),
    *("group_archive", "group_deleted", "link_shared", "member_joined_channel", "member_left_channel"),
    *("message.channels", "message.groups", "message.im", "team_access_granted", "tokens_revoked"),
    "user_change",
}
KNOWN_KEYS = {
    "": {"display_information", "features", "oauth_config", "settings"},
    "display_information": {"name", "description", "long_description", "background_color"},
    "features": {"app_home", "bot_user", "slash_commands"},
    "oauth_config": {"redirect_urls", "scopes"},
    "settings": {
        *("event_subscriptions", "interactivity", "org_deploy_enabled", "socket_mode_enabled"),
        "token_rotation_enabled",
    },
}


def urls(part: Any) -> list[str]:
    """Every address in the manifest."""
    if isinstance(part, dict):
        return [url for value in part.values() for url in urls(value)]
    if isinstance(part, list):
        return [url for value in part for url in urls(value)]
    return [part] if isinstance(part, str) and part.startswith("http") else []


def test_nothing_is_in_it_that_slack_does_not_know() -> None:
    for name, known in KNOWN_KEYS.items():
        assert set(MANIFEST[name] if name else MANIFEST) == known


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        (MANIFEST["display_information"]["name"], 1, 35),
        (MANIFEST["display_information"]["description"], 1, 140),
        (MANIFEST["display_information"]["long_description"], 175, 4000),
        (MANIFEST["features"]["bot_user"]["display_name"], 1, 80),
        (MANIFEST["features"]["slash_commands"][0]["command"], 2, 32),
        (MANIFEST["features"]["slash_commands"][0]["description"], 1, 2000),
        (MANIFEST["features"]["slash_commands"][0]["usage_hint"], 1, 1000),
    ],
)
def test_texts_are_as_long_as_slack_allows(text: str, least: int, most: int) -> None:
    assert least <= len(text) <= most


def test_the_colour_is_one() -> None:
    assert re.fullmatch("#[0-9a-f]{6}", MANIFEST["display_information"]["background_color"])


def test_the_scopes_are_those_that_an_installation_asks_for() -> None:
    scopes = MANIFEST["oauth_config"]["scopes"]
    assert tuple(scopes["bot"]) == REQUIRED
    assert tuple(scopes["bot_optional"]) == OPTIONAL
    assert tuple(scopes["user"]) == SIGN_IN
    assert tuple(Client(client_id="", client_secret="", return_url="").scope.split()) == SIGN_IN
    assert set(scopes) == {"bot", "bot_optional", "user"}
    assert {*REQUIRED, *OPTIONAL} <= KNOWN_SCOPES
    assert len({*REQUIRED, *OPTIONAL}) == len(REQUIRED) + len(OPTIONAL)


def test_the_events_are_those_that_the_bot_listens_to() -> None:
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(events) == sorted(HEARD)
    assert set(events) <= KNOWN_EVENTS


def test_the_addresses_are_our_routes() -> None:
    found = urls(MANIFEST)
    come_back = RETURN.format(way=SLACK)
    assert {url.removeprefix(BASE_URL) for url in found} == {*PATHS, REDIRECT, come_back}
    command, settings = MANIFEST["features"]["slash_commands"][0], MANIFEST["settings"]
    assert command["url"] == BASE_URL + "/v1/slack/commands"
    assert settings["interactivity"]["request_url"] == BASE_URL + "/v1/slack/actions"
    assert settings["event_subscriptions"]["request_url"] == BASE_URL + "/v1/slack/events"
    assert MANIFEST["oauth_config"]["redirect_urls"] == [BASE_URL + REDIRECT, BASE_URL + come_back]


def test_the_description_leads_to_both_pages() -> None:
    text = MANIFEST["display_information"]["long_description"]
    assert all(f"{BASE_URL}{page}" in text.split() for page in (PRIVACY, SUPPORT))
    printed = yaml.safe_load(run("--base-url", "https://costs.example.org").stdout)
    assert "https://costs.example.org/privacy" in printed["display_information"]["long_description"]


def test_the_command_says_what_it_takes() -> None:
    command = MANIFEST["features"]["slash_commands"][0]
    assert command["command"] == COMMAND
    assert all(word in command["usage_hint"] for word in COMMANDS)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["manifest", *words])


@pytest.mark.parametrize("address", ["https://costs.example.org", "https://costs.example.org/"])
def test_it_is_printed_with_the_bots_address(address: str) -> None:
    printed = run("--base-url", address)
    assert printed.exit_code == 0
    assert printed.stdout == TEXT.replace(BASE_URL, "https://costs.example.org")
    assert all(url.startswith("https://costs.example.org/v1/") for url in urls(yaml.safe_load(printed.stdout)))


@pytest.mark.parametrize(
    "address",
    ["http://costs.example.org", "costs.example.org", "https://x/path", "https://x?y", "https://", "https://a\nb"],
)
def test_an_address_that_slack_does_not_take(address: str) -> None:
    refused = run("--base-url", address)
    assert refused.exit_code == 2
    assert "https://" in refused.output


def test_one_of_both_ways_must_be_chosen() -> None:
    assert run().exit_code == run("--base-url", BASE_URL, "--socket-mode").exit_code == 2


def test_in_socket_mode_it_names_no_address() -> None:
    printed = yaml.safe_load(run("--socket-mode").stdout)
    assert urls(printed) == []
    assert "https://" not in printed["display_information"]["long_description"]
    assert printed["settings"]["socket_mode_enabled"] is True
    assert printed["settings"]["event_subscriptions"] == {"bot_events": HEARD}
    assert printed["settings"]["interactivity"] == {"is_enabled": True}
    of_the_bot = {name: kept for name, kept in MANIFEST["oauth_config"]["scopes"].items() if name != "user"}
    assert printed["oauth_config"] == {"scopes": of_the_bot}
    assert printed["features"]["slash_commands"][0]["command"] == COMMAND
