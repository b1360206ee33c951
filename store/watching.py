"""Tells of commands to MongoDB: which, on what collection, how long, and whether they succeeded."""

from collections.abc import Callable

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

CommandTold = Callable[[str, str, float, bool], None]
_MICROSECONDS = 1_000_000


class CommandWatch(CommandListener):
    """Hands command name, collection, seconds and success on; never what was asked or answered.

    The driver calls it in the thread that sends the command, with the context of the task that waits for it.
    """

    def __init__(self, told: CommandTold) -> None:
        self._told = told
        self._collections: dict[int, str] = {}

    def started(self, event: CommandStartedEvent) -> None:
        """Remember the collection until the answer is there, which does not say it."""
        named = event.command.get("collection" if event.command_name == "getMore" else event.command_name)
        self._collections[event.request_id] = named if isinstance(named, str) else ""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Tell of it."""
        self._tell(event, True)

    def failed(self, event: CommandFailedEvent) -> None:
        """Tell of it."""
        self._tell(event, False)

    def _tell(self, event: CommandSucceededEvent | CommandFailedEvent, succeeded: bool) -> None:
        collection = self._collections.pop(event.request_id, "")
        self._told(event.command_name, collection, event.duration_micros / _MICROSECONDS, succeeded)
