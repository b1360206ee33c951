"""The log: what it says of each entry, and the secrets it never does."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.log import formatter
from bot.redaction import HIDDEN, Redaction, secrets_in
from bot.settings import Settings
from clients.telemetry.connect import RememberedSpans
from services.correlation import correlated

# Put together here, so that no scanner takes them for real ones.
SECRETS = [
    "xoxb-" + "1234567890-abcdefghij",
    "xoxe.xoxb-" + "1-abcdefghij",
    "xapp-" + "1-A0-1-abcdef",
    "sk_live_" + "51abcdefghijkl",
    "whsec_" + "abcdefghijklmnop",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "a" * 36,
    "lin_api_" + "b" * 40,
    "dd0c_0a1b2c3d_" + "c" * 43,
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0." + "c2lnbmF0dXJl",
]
FORMATS = ["text", "json"]


@pytest.fixture(params=FORMATS)
def said(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines that a logger wrote, in each format, with every setting's secret known."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, logger = Kept(), logging.getLogger("tests.log")
    handler.setFormatter(formatter(request.param, Redaction(secrets_in(all_secrets()))))
    logger.addHandler(handler)
    logger.propagate = False
    yield lines
    logger.removeHandler(handler)
    logger.propagate = True


def secret_names() -> list[str]:
    return [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]


def all_secrets() -> Settings:
    """Settings in which every secret has a value that is found nowhere else."""
    given: dict[str, Any] = {name: SecretStr(f"opensesame-{name}") for name in secret_names()}
    return Settings.model_construct(None, **given)


def test_everything_secret_is_logged_and_found_nowhere(said: list[str]) -> None:
    log = logging.getLogger("tests.log")
    everything = [*SECRETS, *(f"opensesame-{name}" for name in secret_names())]
    assert len(everything) > 20
    for secret in everything:
        log.error("it is %s, %r", secret, {"token": secret})
        log.error(f"mongodb://bot:{secret}@db.example/")  # noqa: G004, LOG015, RUF100 - a text put together by others
        try:
            raise ValueError(secret)
        except ValueError:
            log.exception("failed")
    text = "\n".join(said)
    assert [secret for secret in everything if secret in text] == []
    assert text.count(HIDDEN) >= 4 * len(everything)


def test_passwords_in_addresses_and_headers_are_hidden() -> None:
    redact = Redaction()
    assert redact("mongodb+srv://bot:pa55@db.example/x") == f"mongodb+srv://{HIDDEN}@db.example/x"
    assert redact("Authorization: Bearer abcdefgh123") == f"Authorization: Bearer {HIDDEN}"
    assert redact("https://example.com/a@b polled 17 Regions") == "https://example.com/a@b polled 17 Regions"


def test_an_entry_in_json_names_its_trace_job_and_request() -> None:
    record = logging.LogRecord("services.intake", logging.INFO, "x.py", 1, "two\nlines %s", ("a",), None)
    tracer = RememberedSpans(b"key").tracer
    with tracer.span("work"), correlated(job="poll_accounts"), correlated(request_id="r-1"):
        line = formatter("json", Redaction()).format(record)
        trace_id = tracer.traceparent().split("-")[1]
    assert "\n" not in line
    entry = json.loads(line)
    assert {key: entry[key] for key in ("level", "logger", "message", "job", "request_id", "trace_id")} == {
        "level": "INFO",
        "logger": "services.intake",
        "message": "two\nlines a",
        "job": "poll_accounts",
        "request_id": "r-1",
        "trace_id": trace_id,
    }
