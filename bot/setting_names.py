"""Slips in how settings were given: names that are none, and a file that others can read."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from pydantic import AliasChoices
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from bot.settings import ForwardSettings, Settings

_ENV_FILE = Path(".env")
_OURS = "DD0C_"
# Of AWS and OpenTelemetry there are many more than we read, and their SDKs read some by themselves.
_GUESSED = ("SLACK_", "MONGO", "STRIPE_")
# Caddy's, which infra/compose.yaml and the Caddyfile take, and those of our own tests.
_NOT_THE_BOTS = ("DD0C_DOMAIN", "DD0C_UPSTREAM", "DD0C_TEST_")
_ALIKE = 0.8
_READ_BY_OTHERS = 0o077


def names_of_settings() -> frozenset[str]:
    """Every environment variable that is read."""
    aliases = (field.validation_alias for kind in (Settings, ForwardSettings) for field in kind.model_fields.values())
    return frozenset(str(name) for alias in aliases if isinstance(alias, AliasChoices) for name in alias.choices)


def find_slips() -> list[str]:
    """Say each in a sentence, with what to do; nothing of their values is told."""
    given = {**EnvSettingsSource(Settings).env_vars, **DotEnvSettingsSource(Settings).env_vars}
    return [*_strangers(sorted(name.upper() for name in given)), *_open_files()]


def _strangers(given: list[str]) -> Iterator[str]:
    known = names_of_settings()
    for name in given:
        if name in known or name.startswith(_NOT_THE_BOTS) or not name.startswith((_OURS, *_GUESSED)):
            continue
        if meant := get_close_matches(name, known, n=1, cutoff=_ALIKE):
            yield f"{name} is no setting; {meant[0]} is. Write that instead."
        elif name.startswith(_OURS):
            yield f"{name} is no setting. docs/settings.md has them all; take this one away."


def _open_files() -> Iterator[str]:
    if _ENV_FILE.is_file() and _ENV_FILE.stat().st_mode & _READ_BY_OTHERS:
        yield "Other users of this machine can read .env and the secrets in it. chmod 600 .env"
