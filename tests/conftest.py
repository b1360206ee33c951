"""Fixtures every folder of tests may use."""

from tests.fixtures.mongod import mongod_binary, mongod_uri

__all__ = ["mongod_binary", "mongod_uri"]
