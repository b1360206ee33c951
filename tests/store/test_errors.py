"""What goes wrong between us and MongoDB has our names, and says no secrets."""

import asyncio
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from bson.errors import InvalidBSON
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import (
    BulkWriteError,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from engine.errors import AccessDenied, Conflict, Dd0cError, InvalidSetting, Rejected, Unavailable, UpstreamError
from store.codec import Document
from store.connect import Store, connect
from store.errors import translate, translated
from tests.fixtures.mongod import running_mongod
from tests.store.calls import DELEGATES, SYSTEM_CALLS, TENANT_CALLS
from tests.store.conftest import Motor
from tests.store.samples import TENANT, tenant

SECRET = "hunter2-very-secret"
DUPLICATE_IN_BULK = BulkWriteError({"writeErrors": [{"code": 11000, "errmsg": "E11000"}]})
INVALID_IN_BULK = BulkWriteError({"writeErrors": [{"code": 121, "errmsg": "Document failed validation"}]})


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (DuplicateKeyError("E11000", 11000), Conflict, None),
        (DUPLICATE_IN_BULK, Conflict, None),
        (OperationFailure("WriteConflict", 112), Conflict, None),
        (INVALID_IN_BULK, Rejected, "121"),
        (BulkWriteError({}), Rejected, "65"),
        (ServerSelectionTimeoutError("no servers"), Unavailable, "ServerSelectionTimeoutError"),
        (NetworkTimeout("timed out"), Unavailable, "NetworkTimeout"),
        (NotPrimaryError("not primary"), Unavailable, "NotPrimaryError"),
        (ExecutionTimeout("too slow", 50), Unavailable, "50"),
        (WTimeoutError("waiting for replication timed out", 64), Unavailable, "64"),
        (OperationFailure("Authentication failed.", 18), AccessDenied, "18"),
        (OperationFailure("not authorized", 13), AccessDenied, "13"),
        (OperationFailure("unknown operator: $x", 2), Rejected, "2"),
        (PyMongoError("something new"), Rejected, "PyMongoError"),
        (InvalidBSON("broken"), Rejected, "InvalidBSON"),
    ],
)
def test_errors_are_translated(error: PyMongoError, kind: type[Dd0cError], code: str | None) -> None:
    found = translate(error)
    assert type(found) is kind
    assert code is None or (isinstance(found, UpstreamError) and found.code == code)


def test_a_passing_label_makes_any_error_unavailable() -> None:
    error = OperationFailure("NoSuchTransaction", 251)
    error._add_error_label("TransientTransactionError")  # noqa: SLF001 -- the driver has no public way to make one
    assert isinstance(translate(error), Unavailable)


async def test_errors_that_are_ours_already_pass() -> None:
    @translated
    async def lose() -> None:
        raise Conflict("lost")

    with pytest.raises(Conflict, match="lost"):
        await lose()


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port that is taken, but where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


async def test_every_method_says_unavailable_when_mongodb_is_away(dead_port: int) -> None:
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient("127.0.0.1", dead_port, serverSelectionTimeoutMS=50)
    store = Store(client["test"])
    calls = {**TENANT_CALLS, **SYSTEM_CALLS, **DELEGATES, "ping": Store.ping, "ensure_indexes": Store.ensure_indexes}
    answers = await asyncio.gather(*(call(store) for call in calls.values()), return_exceptions=True)
    wrong = [name for name, answer in zip(calls, answers, strict=True) if not isinstance(answer, Unavailable)]
    assert wrong == []
    store.close()


async def test_connecting_to_nobody_is_unavailable_and_keeps_the_password(dead_port: int) -> None:
    uri = f"mongodb://dd0c:{SECRET}@127.0.0.1:{dead_port}/?directConnection=true"
    with pytest.raises(Unavailable) as raised:
        await connect(uri, server_selection_seconds=0.05)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "foo",
        f"me:{SECRET}@localhost:27017",
        "mongodb://",
        f"postgres://dd0c:{SECRET}@host/db",
        f"mongodb://dd0c:{SECRET}@x:{SECRET}@host",
        f"mongodb://dd0c@host:{SECRET}",
    ],
)
async def test_a_uri_that_is_none_is_an_invalid_setting_and_is_not_repeated(uri: str) -> None:
    with pytest.raises(InvalidSetting, match="MONGODB_URI") as raised:
        await connect(uri, server_selection_seconds=0.05)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


@pytest.mark.integration
async def test_a_wrong_password_is_access_denied(mongod_uri: str) -> None:
    uri = mongod_uri.replace("mongodb://", f"mongodb://nobody:{SECRET}@")
    with pytest.raises(AccessDenied) as raised:
        await connect(uri, server_selection_seconds=5)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


@pytest.mark.integration
async def test_a_mongod_without_transactions_is_refused_at_once(mongod_binary: str, tmp_path: Path) -> None:
    with running_mongod(mongod_binary, tmp_path) as port, pytest.raises(InvalidSetting, match="--replSet"):
        await connect(f"mongodb://127.0.0.1:{port}/", server_selection_seconds=30)


@pytest.mark.integration
async def test_connecting_twice_gives_two_working_stores(mongod_uri: str, real_database: Motor) -> None:
    name = real_database.name
    first, second = await asyncio.gather(connect(mongod_uri, name), connect(mongod_uri, name))
    await first.tenants.save_tenant(tenant())
    assert await second.tenants.find_tenant(TENANT) == tenant()
    await second.ping()
    first.close()
    second.close()
