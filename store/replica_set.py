"""Make one node the primary of its own replica set; transactions need a set, even a set of one."""

import asyncio
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import ConnectionFailure, OperationFailure

from engine.errors import Rejected, Unavailable

POLL_SECONDS = 0.05
SERVER_SELECTION_MS = 500

ALREADY_INITIALIZED = 23
NOT_YET_INITIALIZED = 94
SHUTDOWN_IN_PROGRESS = 91
CONFIGURATION_IN_PROGRESS = 109
INTERRUPTED = {11600, 11602}
TRY_AGAIN = {ALREADY_INITIALIZED, NOT_YET_INITIALIZED, SHUTDOWN_IN_PROGRESS, CONFIGURATION_IN_PROGRESS, *INTERRUPTED}

Document = dict[str, Any]


async def ensure_primary(host: str, port: int, name: str, timeout_seconds: float) -> int:
    """Make the mongod at ``host:port`` the primary of the set ``name``, and return its process id.

    Initiates the set on a fresh node, and gives the member its new address when the node has moved. Raises
    ``Unavailable`` when it is not primary in time, ``Rejected`` when it belongs to another or a larger set.
    """
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        host, port, directConnection=True, serverSelectionTimeoutMS=SERVER_SELECTION_MS
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            while not await _is_primary(client.admin, f"{host}:{port}", name):  # noqa: ASYNC110 - mongod announces nothing
                await asyncio.sleep(POLL_SECONDS)
            return int((await client.admin.command("serverStatus"))["pid"])
    except TimeoutError as error:
        raise Unavailable(f"{host}:{port} did not become primary within {timeout_seconds:g} s.") from error
    finally:
        client.close()


async def _is_primary(admin: AsyncIOMotorDatabase[Document], address: str, name: str) -> bool:
    """Look once, and if the node is no primary, do what is missing; the answer comes with a later look."""
    try:
        hello = await admin.command("hello")
        if hello.get("isWritablePrimary") and hello.get("setName") == name and hello.get("me") == address:
            return True
        await _configure(admin, address, name)
    except ConnectionFailure:
        return False
    except OperationFailure as error:
        if error.code not in TRY_AGAIN:
            raise Rejected(
                f"{address} refuses to join the replica set {name}: {error}", code=str(error.code)
            ) from error
    return False


async def _configure(admin: AsyncIOMotorDatabase[Document], address: str, name: str) -> None:
    config = await _stored_config(admin)
    if config is None:
        first = {"_id": name, "members": [{"_id": 0, "host": address}]}
        await admin.command("replSetInitiate", first)
    elif config["_id"] != name or len(config["members"]) != 1:
        raise Rejected(f"{address} belongs to the replica set {config['_id']}, which is not ours to change.")
    elif config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        # Only force works here: a node that does not find itself in its set has no primary to ask for anything else.
        await admin.command("replSetReconfig", config, force=True)


async def _stored_config(admin: AsyncIOMotorDatabase[Document]) -> Document | None:
    try:
        answer = await admin.command("replSetGetConfig")
    except OperationFailure as error:
        if error.code == NOT_YET_INITIALIZED:
            return None
        raise
    config: Document = answer["config"]
    return config
