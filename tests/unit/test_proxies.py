"""Which addresses are reached through a proxy: asked of the SDKs themselves, in an environment as companies have it."""

import os

import pytest
from botocore.utils import get_environ_proxies
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env

from bot.proxies import steer_proxies
from demo.surroundings import clean_environment

PROXY = "http://proxy.example:3128"
SLACK = "https://slack.com/api/"
STS = "https://sts.us-east-1.amazonaws.com"


@pytest.fixture(params=["HTTPS_PROXY", "https_proxy"])
def behind_a_proxy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "Https_Proxy", "Http_Proxy"):
        monkeypatch.setenv(name, "")  # What the code adds is taken back after the test.
        monkeypatch.delenv(name)
    monkeypatch.setenv(request.param, PROXY)
    monkeypatch.setenv("HTTP_PROXY", PROXY)


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566"])
@pytest.mark.usefixtures("behind_a_proxy")
def test_nothing_on_this_machine_is_reached_through_a_proxy(url: str) -> None:
    steer_proxies(f"{url}/api/")
    assert load_http_proxy_from_env() is None
    assert get_environ_proxies(url) == {}
    assert get_environ_proxies(STS)["https"] == PROXY


@pytest.mark.usefixtures("behind_a_proxy")
def test_all_else_is_reached_through_it() -> None:
    steer_proxies(SLACK)
    assert load_http_proxy_from_env() == PROXY
    assert get_environ_proxies(STS)["https"] == PROXY


@pytest.mark.usefixtures("behind_a_proxy")
def test_what_no_proxy_names_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "slack.com,.internal.example")
    steer_proxies(SLACK)
    assert load_http_proxy_from_env() is None
    assert get_environ_proxies(STS)["https"] == PROXY
    assert get_environ_proxies("https://s3.internal.example") == {}
    assert get_environ_proxies("http://127.0.0.1:4566") == {}


@pytest.mark.usefixtures("behind_a_proxy")
def test_a_star_spares_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    steer_proxies(SLACK)
    assert load_http_proxy_from_env() is None
    assert get_environ_proxies(STS) == {}


def test_the_demo_takes_nothing_from_its_surroundings_and_gives_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"AWS_PROFILE": "corp", "HTTPS_PROXY": PROXY, "SLACK_CLIENT_ID": "1.2", "HOME": "/home/maria"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with clean_environment():
        assert [name for name in given if name in os.environ] == ["HOME"]
    assert {name: os.environ[name] for name in given} == given
