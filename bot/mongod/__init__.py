"""The bot's own MongoDB: one mongod on this machine, a replica set of one, for people who have no MongoDB yet.

Story: ``binary`` finds a mongod and proves that it runs here; ``data_dir`` knows the files on disk; ``guard`` is the
small program that stands between the bot and mongod; ``guarded`` starts and stops that program; ``local`` tells
the whole story as ``LocalMongod``.
"""

from bot.mongod.binary import find_mongod, preflight
from bot.mongod.data_dir import default_data_dir
from bot.mongod.errors import DataDirectoryBusy, MongodBroken, MongodError, MongodFailed, MongodMissing
from bot.mongod.local import EnsurePrimary, LocalMongod

__all__ = [
    "DataDirectoryBusy",
    "EnsurePrimary",
    "LocalMongod",
    "MongodBroken",
    "MongodError",
    "MongodFailed",
    "MongodMissing",
    "default_data_dir",
    "find_mongod",
    "preflight",
]
