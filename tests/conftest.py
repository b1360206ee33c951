"""Fixtures every folder of tests may use."""

from tests.fixtures.mongod import mongod_binary, mongod_uri
from tests.fixtures.s3 import s3_url
from tests.fixtures.sqs import sqs_server

__all__ = ["mongod_binary", "mongod_uri", "s3_url", "sqs_server"]
