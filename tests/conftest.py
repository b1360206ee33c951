"""Fixtures every folder of tests may use; what this machine has set for other programs changes no test."""

import os

from demo.surroundings import foreign_settings
from tests.fixtures.mongod import mongod_binary, mongod_uri
from tests.fixtures.replica_set import three
from tests.fixtures.s3 import s3_url
from tests.fixtures.sqs import sqs_server
from tests.fixtures.stripe import connection, stripe

__all__ = ["connection", "mongod_binary", "mongod_uri", "s3_url", "sqs_server", "stripe", "three"]

# Here and not in a fixture: modules of tests look at the environment while they are imported.
for name in foreign_settings(list(os.environ)):
    if name != "DD0C_TEST_RECORDS":
        del os.environ[name]
