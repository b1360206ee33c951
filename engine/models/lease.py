"""Who may do what only one process at a time may do."""

import msgspec


class Lease(msgspec.Struct, frozen=True):
    """A right that ends by itself. ``fence`` grows by one with every new holding, so that an old one is told apart."""

    name: str
    holder: str
    fence: int
