"""What is fuzzed: each target takes bytes and may refuse them in our own words; whatever else is raised is a fault."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from blocks.text import escape
from clients.policy_file import parse_policy
from engine.cloudtrail.parse import parse
from engine.cloudtrail.record import decode_record
from engine.cloudtrail.registry import REGISTRY
from engine.cloudtrail.routing import find_owner
from engine.cloudtrail.split import Malformed, split_records
from engine.command_line.intent import parse_intent
from engine.command_line.options import read_line
from engine.command_line.route import parse_route
from engine.command_line.values import parse_hourly_cost, parse_span, parse_usd
from engine.command_line.words import split_words
from engine.errors import InputError
from handlers.slack.commands.table import COMMANDS
from handlers.web import slack_bodies
from handlers.web.api.table import ROUTES
from handlers.web.cursors import read_cursor
from handlers.web.slack_shapes import is_sound
from handlers.web.viewing import local_path

_CALLS = sorted(REGISTRY)
_NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
_ZONE = ZoneInfo("Europe/Madrid")
_READERS: tuple[Callable[[str], object], ...] = (parse_hourly_cost, parse_span, parse_usd)
# What the route of Slack's answers with 400; see ``handlers.web.slack_routes``.


def records(data: bytes) -> None:
    """A stream of whatever form: each record of it is read, or malformed."""
    for found in split_records(iter([data[:100], data[100:]])):
        if not isinstance(found, Malformed):
            _record(found)


def calls(data: bytes) -> None:
    """A record of a call that changes cost, whose parameters and answer are anything."""
    if len(data) < 3:
        return
    source, name = _CALLS[int.from_bytes(data[:2]) % len(_CALLS)]
    asked, _, answered = data[2:].partition(b"\x00")
    head = json.dumps({"eventSource": source, "eventName": name, "eventTime": "2026-03-10T12:00:00Z"}).encode()[:-1]
    parts = (b',"requestParameters":', asked or b"null", b',"responseElements":', answered or b"null")
    _record(b"".join((head, *parts, b',"userIdentity":', asked or b"null", b"}")))


def _record(raw: bytes) -> None:
    try:
        find_owner(raw)
        parse(decode_record(raw))
    except InputError:
        return


def slack(data: bytes) -> None:
    """A body that Slack signed, and the line in it."""
    text = data.decode("utf-8", "replace")
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        try:
            body = slack_bodies.read(text, kind)
        except (RecursionError, TypeError, ValueError):
            continue
        is_sound(body)
    _line(text)
    escape(text, 100)


def _line(text: str) -> None:
    """What somebody typed behind ``/dd0c``."""
    try:
        name, *words = split_words(text) or ("help",)
        command = COMMANDS.get(name.lower())
        if command is not None:
            command.deed(read_line(words, command.options))
    except InputError:
        return
    for reader in (lambda: parse_intent(words, _NOW, _ZONE), lambda: parse_route(words)):
        _tried(reader)
    for word in words:
        for read in _READERS:
            _tried(lambda read=read, word=word: read(word))  # type: ignore[misc] # bound now


def _tried(read: Callable[[], object]) -> None:
    try:
        read()
    except InputError:
        return


def policy(data: bytes) -> None:
    """The operator's file."""
    _tried(lambda: parse_policy(data))


def api(data: bytes) -> None:
    """The body or the query of one of the API's routes, and the cursors and ways on in them."""
    if not data:
        return
    route = ROUTES[data[0] % len(ROUTES)]
    rest = data[1:]
    if route.body is not None:
        _validated(route.body, rest)
    text = rest.decode("utf-8", "replace")
    pairs = [pair.partition("=") for pair in text.split("&")]
    try:
        params = route.params.model_validate({name: value for name, _, value in pairs})
    except ValidationError:
        params = None
    cursor = getattr(params, "cursor", None)
    if cursor:
        _tried(lambda: read_cursor(cursor))
    local_path(text)


def _validated(model: type[BaseModel], body: bytes) -> None:
    try:
        model.model_validate_json(body)
    except ValidationError:
        return


TARGETS: Mapping[str, Callable[[bytes], Any]] = {
    "records": records,
    "calls": calls,
    "slack": slack,
    "policy": policy,
    "api": api,
}
