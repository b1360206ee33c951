"""What is expected of a world in trouble is what comes of one without."""

import asyncio
from pathlib import Path

import pytest

from tests.faults.audit import audited
from tests.faults.world import world

pytestmark = pytest.mark.integration


async def test_undisturbed(tmp_path: Path, mongod_uri: str) -> None:
    async with world(tmp_path, mongod_uri) as site, audited(site, "undisturbed"):
        await asyncio.sleep(2)
