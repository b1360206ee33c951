"""One log file, from a stream of packed bytes to parts of records, in bounded memory and off the event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import msgspec

from engine.cloudtrail.routing import find_owner
from engine.cloudtrail.split import Malformed, split_records
from engine.cloudtrail.unpacking import unpack
from engine.errors import Dd0cError, InputError, MalformedRecord

LARGEST_FILE = 2 * 10**9
_PART_BYTES = 2**22
_PART_RECORDS = 1_000


class Part(msgspec.Struct):
    """Some records of a file. ``kept`` bear cost, ``rest`` does not and is there only if it was asked for."""

    kept: list[bytes] = []
    rest: list[bytes] = []
    size: int = 0

    @property
    def is_full(self) -> bool:
        """Whether no more is to be held in memory at once."""
        return self.size >= _PART_BYTES or len(self.kept) >= _PART_RECORDS


class FileReport(msgspec.Struct):
    """What a file held. ``problem`` is the last trouble with its content in words.

    ``damaged`` says that it ended early because of its content, ``error`` why it could not be read to its end.
    """

    read: int = 0
    kept: int = 0
    malformed: int = 0
    foreign: int = 0
    problem: str = ""
    damaged: bool = False
    error: Dd0cError | None = None


class FileSplitter:
    """Splits one file of one account. The report is complete when ``parts`` has ended."""

    def __init__(self, account_id: str, *, with_rest: bool, largest: int = LARGEST_FILE) -> None:
        self.report = FileReport()
        self._account_id = account_id
        self._with_rest = with_rest
        self._largest = largest

    async def parts(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Part]:
        """Give the records in parts of a few megabytes; unpacking and splitting happen in a thread.

        The thread asks the event loop for each chunk, so nothing is read ahead. Whatever stops the stream ends the
        parts, is in the report, and what came before it was given.
        """
        pulled = _Pulled(chunks, asyncio.get_running_loop())
        cut = self._cut(pulled)
        while True:
            step = asyncio.get_running_loop().run_in_executor(None, next, cut, None)
            try:
                part = await asyncio.shield(step)
            except asyncio.CancelledError:
                # A thread cannot be cancelled; without more chunks it ends, and then the stream may be closed.
                pulled.stop()
                await asyncio.wait([step])
                raise
            if part is None:
                self.report.error = pulled.error
                return
            yield part

    def _cut(self, chunks: Iterator[bytes]) -> Iterator[Part]:
        part = Part()
        for found in split_records(self._unpacked(chunks)):
            if isinstance(found, Malformed):
                if not (found.cut_off and self.report.damaged):  # The damage to the file is named already.
                    self._name_malformed(f"line {found.line}: {found.reason}")
            else:
                self._sort(found, part)
            if part.is_full:
                yield part
                part = Part()
        if part.size:
            yield part

    def _unpacked(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from unpack(chunks, self._largest)
        except InputError as error:
            self.report.damaged = True
            self.report.problem = str(error)

    def _sort(self, raw: bytes, part: Part) -> None:
        """Put a record where it belongs; one of another account than the file's is no business of this one."""
        self.report.read += 1
        try:
            owner = find_owner(raw)
        except MalformedRecord as error:
            self._name_malformed(str(error))
            return
        if owner is None:
            if self._with_rest:
                part.rest.append(raw)
                part.size += len(raw)
        elif owner != self._account_id:
            self.report.foreign += 1
            self.report.problem = f"holds a record of account {owner}, which was left out"
        else:
            self.report.kept += 1
            part.kept.append(raw)
            part.size += len(raw)

    def _name_malformed(self, problem: str) -> None:
        self.report.malformed += 1
        if not self.report.damaged:
            self.report.problem = f"holds what is no record ({problem})"


class _Pulled:
    """The chunks of an asynchronous stream, for a thread that may wait."""

    def __init__(self, chunks: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> None:
        self.error: Dd0cError | None = None
        self._chunks = chunks
        self._loop = loop
        self._stopped = False

    def stop(self) -> None:
        """End the stream where it is."""
        self._stopped = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._stopped or self.error is not None:
            raise StopIteration
        try:
            chunk = asyncio.run_coroutine_threadsafe(self._pull(), self._loop).result()
        except Dd0cError as error:
            self.error = error
            raise StopIteration from None
        if chunk is None:
            raise StopIteration
        return chunk

    async def _pull(self) -> bytes | None:
        return await anext(self._chunks, None)
