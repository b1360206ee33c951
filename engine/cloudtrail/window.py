"""A window on a stream of JSON bytes: as much of it as the next value needs, never more than a limit."""

import re
from collections.abc import Iterable

import msgspec

from engine.errors import InputError

# msgspec tells where the first of several values ends only in the text of its error. The position counts up to and
# with the first byte behind the value which is not whitespace. A test fails if a release words it differently.
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_POSITION = re.compile(r"\(byte (\d+)\)")
_TRUNCATED = "Input data was truncated"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NOT_SPACE = re.compile(rb"[^\s,]")
_SELF_ENDING = b'}]"'
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[{}\[\],"]')

_any_value = msgspec.json.Decoder(msgspec.Raw)


class BrokenValue(InputError):
    """No JSON value stands here. ``scanned`` is how many bytes were looked at to find that out."""

    def __init__(self, reason: str, scanned: int) -> None:
        super().__init__(reason)
        self.scanned = scanned


class OversizedValue(BrokenValue):
    """The value goes on beyond the limit."""


class CutOff(BrokenValue):
    """The stream ends in the middle of the value."""


class Window:
    """The buffered part of a stream. ``data[pos:]`` is what was not consumed; ``line`` counts from 1 at ``pos``."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.data = b""
        self.pos = 0
        self.line = 1
        self.consumed = 0
        self._ended = False
        self._drop_byte_order_mark()

    def _drop_byte_order_mark(self) -> None:
        self.pull(len(_BYTE_ORDER_MARK))
        self.data = self.data.removeprefix(_BYTE_ORDER_MARK)

    def __len__(self) -> int:
        """Bytes buffered and not consumed."""
        return len(self.data) - self.pos

    def pull(self, at_least: int) -> bool:
        """Buffer that many bytes more; False when the stream gave nothing any more."""
        if self._ended:
            return False
        parts, gained = [self.data[self.pos :]], 0
        while gained < at_least:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
                break
            parts.append(chunk)
            gained += len(chunk)
        if gained:
            self.data, self.pos = b"".join(parts), 0
        return gained > 0

    def top_up(self, low: int, high: int) -> None:
        """Buffer up to about ``high`` bytes when fewer than ``low`` are left."""
        if len(self) < low:
            self.pull(high - len(self))

    def advance(self, to: int, lines: int | None = None) -> None:
        """Consume up to position ``to`` of ``data``; ``lines`` saves counting the newlines in it again."""
        self.line += self.data.count(b"\n", self.pos, to) if lines is None else lines
        self.consumed += to - self.pos
        self.pos = to

    def skip_space(self) -> bytes:
        """Consume whitespace and commas; give the byte that follows, empty at the end of the stream."""
        while True:
            found = _NOT_SPACE.search(self.data, self.pos)
            self.advance(found.start() if found else len(self.data))
            if found:
                return found.group()
            if not self.pull(1):
                return b""

    def skip_line(self) -> None:
        """Consume up to and with the next newline, however far it is, buffering nothing."""
        while True:
            newline = self.data.find(b"\n", self.pos)
            self.advance(newline + 1 if newline >= 0 else len(self.data))
            if newline >= 0 or not self.pull(1):
                return

    def value_end(self, limit: int) -> int:
        """Find the position behind the value that starts here, of at most about ``limit`` bytes.

        Raises OversizedValue when it goes on after that, CutOff when the stream ends before it does, BrokenValue when
        there is no value.
        """
        while True:
            end = self._scan()
            if end is not None:
                return end
            if len(self) >= limit:
                raise OversizedValue(f"larger than {limit // 2**20} MiB", len(self))
            # Doubling keeps the sum of all scans of a value within twice its size, whatever the chunks are.
            if not self.pull(min(len(self), limit - len(self)) + 1):
                return self._last_end()

    def _scan(self) -> int | None:
        """The end of the first value, None when more bytes are needed."""
        try:
            _any_value.decode(memoryview(self.data)[self.pos :])
        except msgspec.DecodeError as error:
            text = str(error)
            if trailing := _TRAILING.search(text):
                return self.pos + int(trailing.group(1)) - 1
            if text == _TRUNCATED:
                return None
            position = _POSITION.search(text)
            raise BrokenValue(text, int(position.group(1)) if position else len(self)) from None
        except RecursionError:
            raise BrokenValue("nested too deeply", len(self)) from None
        return len(self.data) if self.data[-1] in _SELF_ENDING or self.data[-1:].isspace() else None

    def _last_end(self) -> int:
        """The end of a value that nothing follows: a number is complete only now, anything else was cut off."""
        try:
            _any_value.decode(memoryview(self.data)[self.pos :])
        except msgspec.DecodeError:
            raise CutOff("cut off: the input ends in the middle of it", len(self)) from None
        return len(self.data)

    def broken_element_end(self) -> int | None:
        """Find by brackets and strings alone where a broken element of a list ends; None if they do not say."""
        depth = 0
        for token in _TOKEN.finditer(self.data, self.pos):
            kind = token.group()
            if kind == b'"':
                return None
            if kind in b"{[":
                depth += 1
            elif depth == 0 and kind in b",]":
                return token.start() if token.start() > self.pos else None
            elif kind in b"}]":
                depth -= 1
                if depth <= 0:
                    return token.end()
        return None
