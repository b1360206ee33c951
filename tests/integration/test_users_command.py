"""``dd0c users`` as an operator runs it, on a real database."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from store.connect import connect
from tests.store.samples import tenant

pytestmark = pytest.mark.integration
Run = Callable[..., Result]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def run(mongod_uri: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    database = f"users-{uuid4().hex[:12]}"
    monkeypatch.setenv("MONGODB_URI", mongod_uri)
    monkeypatch.setenv("DD0C_DATABASE", database)

    async def add_tenant() -> None:
        store = await connect(mongod_uri, database)
        await store.tenants.save_tenant(tenant())
        store.close()

    asyncio.run(add_tenant())
    return lambda *words, **named: CliRunner().invoke(main, ["users", *words], **named)


def test_somebody_is_added_listed_without_a_password_and_removed(run: Run) -> None:
    added = run("add", "Maria", input=f"{PASSWORD}\n{PASSWORD}\n")
    assert (added.exit_code, "maria may sign in as admin" in added.output) == (0, True)
    assert PASSWORD not in added.output
    listed = run("list").output
    assert "maria\tMaria\tadmin\tpassword" in listed
    assert "argon2" not in listed
    assert "signed out" in run("remove", "maria").output
    assert run("list").output == ""
    assert run("remove", "maria").exit_code == 1


def test_a_password_that_is_too_short_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DD0C_NEW_PASSWORD", "short")
    refused = run("add", "maria", "--role", "viewer")
    assert (refused.exit_code, "at least 12 characters" in refused.output) == (1, True)
