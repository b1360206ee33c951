"""Fixtures every folder of tests may use; what this machine has set for other programs changes no test."""

import os
import shutil
from pathlib import Path

from hypothesis import HealthCheck, settings

from demo.surroundings import foreign_settings
from tests.fixtures.https_receiver import receiver
from tests.fixtures.mongod import mongod_binary, mongod_uri
from tests.fixtures.replica_set import three
from tests.fixtures.s3 import s3_url
from tests.fixtures.sqs import sqs_server
from tests.fixtures.stripe import connection, stripe

__all__ = ["connection", "mongod_binary", "mongod_uri", "receiver", "s3_url", "sqs_server", "stripe", "three"]

# How long an example takes says more of the machine than of the code. A change is judged by the same examples each
# time, so that what fails is of its making; `make search` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("same"), derandomize=False, max_examples=1_000)
settings.load_profile("same")

# In memory, where there is room for it, a mongod makes a database in a fifth of the time.
MEMORY = Path("/dev/shm")  # noqa: S108 -- pytest makes a folder of its own there
ROOM = 4 << 30

if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# Here and not in a fixture: modules of tests look at the environment while they are imported.
for name in foreign_settings(list(os.environ)):
    if name != "DD0C_TEST_RECORDS":
        del os.environ[name]
