"""Streams of bytes to records, whatever they are wrapped in, in bounded memory.

A stream may hold log files, JSON Lines, objects one behind the other, JSON lists, EventBridge envelopes and
LookupEvents pages, also mixed. What cannot be read is given as ``Malformed``, and the rest goes on.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

import msgspec

from engine.cloudtrail.forms import DECODED, RAW, Form
from engine.cloudtrail.record import CloudTrailRecord
from engine.cloudtrail.window import BrokenValue, CutOff, OversizedValue, Window
from engine.cloudtrail.wrapping import unwrap
from engine.errors import MalformedRecord

T = TypeVar("T")

LARGEST_RECORD = 16 * 2**20
_BLOCK = 2**18
_LOW = 2**16
_LOOK_AHEAD = 2**20
_PATIENCE = 8 * 2**20
_DEEPEST_WRAPPING = 4
_LIST_KEYS = frozenset({b'"Records"', b'"Events"'})
_LIST_FIRST = re.compile(rb'\{\s*"(?:Records|Events)"\s*:\s*\[')
_LIST_WITHIN = re.compile(rb'"(?:Records|Events)"\s*:\s*\[')
_CONTINUATION = b" \t}]"


class Malformed(msgspec.Struct, frozen=True):
    """A piece that could not be read, and the line (from 1) on which it starts.

    ``cut_off`` says that the stream ended in the middle of it.
    """

    reason: str
    line: int
    cut_off: bool = False


class Batch(msgspec.Struct, Generic[T], frozen=True):
    """Records that were read together, in order. Record number i starts on line ``line + i * line_step``."""

    records: Sequence[T]
    line: int
    line_step: int = 0


def split_records(chunks: Iterable[bytes]) -> Iterator[bytes | Malformed]:
    """Give the bytes of every record in an unpacked stream, cut anywhere into chunks.

    >>> one = b'{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "eventTime": "2026-01-05T10:00:00Z"}'
    >>> list(split_records([b'{"Records": [' + one[:20], one[20:] + b"]}"])) == [one]
    True
    >>> list(split_records([b"what?"]))
    [Malformed(reason='no JSON object: invalid character (byte 0)', line=1, cut_off=False)]
    """
    for found in _Splitter(Window(chunks), RAW).run():
        if isinstance(found, Malformed):
            yield found
        else:
            yield from found.records


def read_records(chunks: Iterable[bytes]) -> Iterator[Batch[CloudTrailRecord] | Malformed]:
    """Split and decode in one go, many records at a time: for plain JSON Lines this costs little beyond decoding."""
    return _Splitter(Window(chunks), DECODED).run()


class _Splitter(Generic[T]):
    """Walks a window. ``_slow_until`` ends the part where reading many at once failed; ``_patience`` is how many bytes
    may still be looked at in vain, which keeps the work linear whatever the input is."""

    def __init__(self, window: Window, form: Form[T]) -> None:
        self._window = window
        self._form = form
        self._slow_until = 0
        self._patience = _PATIENCE

    def run(self) -> Iterator[Batch[T] | Malformed]:
        """Give what was found.

        Of a stream that was cut off, only the first piece without an end is malformed: what is inside of it is looked
        through for records, and its other parts are no trouble of their own.
        """
        cut_off = False
        for found in self._found():
            if isinstance(found, Malformed):
                if cut_off:
                    continue
                cut_off = found.cut_off
            yield found

    def _found(self) -> Iterator[Batch[T] | Malformed]:
        while first := self._window.skip_space():
            if self._patience < 0:
                yield Malformed("too much of the input is broken; the rest of it was not read", self._window.line)
                return
            yield from self._top(first)

    def _top(self, first: bytes) -> Iterator[Batch[T] | Malformed]:
        window = self._window
        window.top_up(_LOW, _BLOCK)
        if first == b"[":
            window.advance(window.pos + 1)
            yield from self._list()
        elif _LIST_FIRST.match(window.data, window.pos):
            yield from self._guarded(self._members())
        elif batch := self._many(self._form.lines, b"", window.data.rfind(b"\n") + 1, b""):
            yield msgspec.structs.replace(batch, line_step=1)
        else:
            yield from self._guarded(self._value(first))

    def _many(
        self, decode: Callable[[bytes], list[T]] | None, before: bytes, cut: int, behind: bytes
    ) -> Batch[T] | None:
        """Read everything up to position ``cut`` at once, or nothing if any of it is not plain."""
        window = self._window
        if decode is None or cut <= window.pos or window.consumed < self._slow_until:
            return None
        block = window.data[window.pos : cut]
        lines = _newlines(block)
        try:
            records = decode(before + block + behind)
        except MalformedRecord:
            records = []
        if not records or (not before and len(records) != lines):
            self._slow_until = window.consumed + cut - window.pos
            return None
        batch = Batch(records, window.line)
        window.advance(cut, lines)
        return batch

    def _guarded(self, steps: Iterator[Batch[T] | Malformed]) -> Iterator[Batch[T] | Malformed]:
        """Go on at the next line behind the start of what turned out broken."""
        start = self._window.line
        try:
            yield from steps
        except BrokenValue as error:
            yield _malformed(error, self._window.line)
            self._recover(error, over_lines=self._window.line > start)

    def _recover(self, error: BrokenValue, *, over_lines: bool) -> None:
        """Skip the broken line, and with it the lines that visibly continue what was broken over several of them."""
        window, start = self._window, self._window.consumed
        newline = window.data.find(b"\n", window.pos, window.pos + error.scanned)
        window.skip_line()
        self._patience -= max(0, error.scanned - (window.consumed - start))
        if newline < 0 and not over_lines:
            return
        while (len(window) or window.pull(1)) and window.data[window.pos] in _CONTINUATION:
            window.skip_line()

    def _value(self, first: bytes) -> Iterator[Batch[T] | Malformed]:
        """Read one value as a whole if it is small or a single record; open it if it holds a list of records."""
        window = self._window
        if first != b"{":
            raise BrokenValue("no JSON object: invalid character (byte 0)", 0)
        try:
            end = window.value_end(_LOOK_AHEAD)
        except BrokenValue as error:
            if _LIST_WITHIN.search(window.data, window.pos, window.pos + error.scanned):
                self._patience -= error.scanned
                yield from self._members()
                return
            if not isinstance(error, OversizedValue):
                raise
            end = window.value_end(LARGEST_RECORD)
        yield from self._piece(end)

    def _members(self) -> Iterator[Batch[T] | Malformed]:
        """Walk the members of an object; only its lists of records are read."""
        window, found, line = self._window, False, self._window.line
        window.advance(window.pos + 1)
        while (first := window.skip_space()) == b'"':
            name = self._consume(_LOOK_AHEAD).strip()
            if window.skip_space() != b":":
                break
            window.advance(window.pos + 1)
            if window.skip_space() == b"[" and name in _LIST_KEYS:
                found = True
                window.advance(window.pos + 1)
                yield from self._list()
            else:
                self._consume(LARGEST_RECORD)
        if first != b"}":
            kind, reason = (BrokenValue, "an object is malformed") if first else (CutOff, "an object is not closed")
            raise kind(reason, len(window))
        window.advance(window.pos + 1)
        if not found:
            yield Malformed("an object that holds no record", line)

    def _consume(self, limit: int) -> bytes:
        end = self._window.value_end(limit)
        piece = self._window.data[self._window.pos : end]
        self._window.advance(end)
        return piece

    def _list(self) -> Iterator[Batch[T] | Malformed]:
        """Read the elements of a list whose bracket is consumed, and its end."""
        window = self._window
        while (first := window.skip_space()) != b"]":
            if not first or self._patience < 0:
                yield Malformed("cut off: a list of records has no end", window.line, cut_off=not first)
                return
            window.top_up(_LOW, _BLOCK)
            # A boundary inside an element would leave brackets open, so decoding fails there.
            cut = window.data.rfind(b'},{"event', window.pos) + 1
            if batch := self._many(self._form.elements, b"[", cut, b"]"):
                yield batch
            else:
                yield from self._element()
        window.advance(window.pos + 1)

    def _element(self) -> Iterator[Batch[T] | Malformed]:
        window = self._window
        try:
            end = window.value_end(LARGEST_RECORD)
        except BrokenValue as error:
            self._patience -= len(window)
            yield _malformed(error, window.line)
            broken_end = None if isinstance(error, OversizedValue) else window.broken_element_end()
            if broken_end is None:
                window.skip_line()
            else:
                window.advance(broken_end)
        else:
            yield from self._piece(end)

    def _piece(self, end: int) -> Iterator[Batch[T] | Malformed]:
        window = self._window
        line, piece = window.line, window.data[window.pos : end]
        window.advance(end)
        yield from self._unwrap(piece.strip(), line, _DEEPEST_WRAPPING)

    def _unwrap(self, piece: bytes | msgspec.Raw, line: int, depth: int) -> Iterator[Batch[T] | Malformed]:
        """Give the record in a piece, or those in what wraps it."""
        try:
            yield Batch([self._form.one(piece)], line)
        except MalformedRecord as problem:
            wrapped = unwrap(piece) if depth else None
            if wrapped is None:
                yield Malformed(str(problem), line)
            else:
                for inner in wrapped:
                    yield from self._unwrap(inner, line, depth - 1)


def _newlines(block: bytes) -> int:
    """How many there are. Between far newlines ``replace`` leaps, where ``count`` looks at every byte."""
    return len(block) - len(block.replace(b"\n", b""))


def _malformed(error: BrokenValue, line: int) -> Malformed:
    return Malformed(str(error).removeprefix("JSON is malformed: "), line, isinstance(error, CutOff))
