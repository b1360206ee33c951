"""Secret settings with a form of their own are refused at the start in words, and never repeated."""

from pathlib import Path

import pytest

from bot.settings import load_core_settings
from engine.errors import InvalidSetting


@pytest.fixture(autouse=True)
def _no_other_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without ``.env``, and a database, so that nothing else is wrong."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DD0C_LOCAL_MONGOD", "1")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/services/T0/B0/sesame",
        "https://127.0.0.1/sesame",
        "https://[::1]/sesame",
        "https://localhost/sesame",
        "https://hooks.slack.com:22/sesame",
        "https://ann:sesame@hooks.slack.com/x",
        "https://hooks.slack.com/x#sesame",
        "hooks.slack.com/sesame",
        "file:///sesame",
        "https://hooks.slack.com/" + "sesame" * 200,
    ],
)
def test_an_address_that_may_not_be_called_is_refused_without_being_repeated(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DD0C_OPERATOR_WEBHOOK", url)
    with pytest.raises(InvalidSetting) as refused:
        load_core_settings()
    said = str(refused.value)
    assert "  DD0C_OPERATOR_WEBHOOK must be like https://hooks.slack.com/services/T0/B0/XXX: https, a host" in said
    assert "sesame" not in said


def test_headers_of_exports_that_are_no_pairs_are_refused_without_being_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization: sesame")
    with pytest.raises(InvalidSetting) as refused:
        load_core_settings()
    assert "  OTEL_EXPORTER_OTLP_HEADERS must be NAME=VALUE, several separated by commas." in str(refused.value)
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "https://hooks.slack.com/services/T0/B0/sesame", "https://ops.example.com:8443/a?b=c"]
)
def test_one_that_may_be_called_is_taken(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD0C_OPERATOR_WEBHOOK", url)
    settings = load_core_settings()
    assert settings.operator_webhook.get_secret_value() == url
    assert "sesame" not in repr(settings)
