"""Requests at a fixed rate, whether or not the ones before are answered."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import msgspec

from bench.load.traffic import Request

MOST_IN_FLIGHT = 1000
_PATIENCE_SECONDS = 10.0


class Answered(msgspec.Struct, frozen=True, gc=False):
    """A request: when it was to be sent (seconds of the monotonic clock), milliseconds from then until it was answered,
    and what went wrong, if anything did."""

    kind: str
    at: float
    took_ms: float
    trouble: str = ""


Tell = Callable[[Answered], None]


class Driver:
    """Sends so many requests a second.

    Time counts from the moment a request was due, so a server that holds up the sender cannot hide that. While a
    thousand are in flight no more are sent, which is an error of each that was due.
    """

    def __init__(self, session: aiohttp.ClientSession, tell: Tell) -> None:
        self._session = session
        self._tell = tell
        self._in_flight: set[asyncio.Task[None]] = set()

    async def drive(self, url: str, make: Callable[[], Request], rate: float, seconds: float) -> None:
        """Send for so long, and wait until all is answered."""
        began = time.perf_counter()
        for number in range(round(rate * seconds)):
            due = began + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            request = make()
            if len(self._in_flight) >= MOST_IN_FLIGHT:
                self._tell(Answered(request.kind, due, 0.0, "not sent, 1000 were in flight"))
                continue
            self._start(self._send(url, request, due))
        await asyncio.gather(*self._in_flight)

    async def drive_in_turn(self, url: str, make: Callable[[], Request], rate: float, seconds: float) -> None:
        """Send each when the one before is answered, but not more than so many a second, as senders of records do."""
        began = time.perf_counter()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            if time.perf_counter() >= began + seconds:
                return
            await self._send(url, make(), time.perf_counter())

    def _start(self, sending: Awaitable[None]) -> None:
        task = asyncio.ensure_future(sending)
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)

    async def _send(self, url: str, request: Request, due: float) -> None:
        trouble = ""
        try:
            async with (
                asyncio.timeout(_PATIENCE_SECONDS),
                self._session.request(
                    request.method, url + request.path, data=request.body or None, headers=request.headers
                ) as answer,
            ):
                await answer.read()
                if answer.status not in {request.expected, 200}:
                    trouble = f"status {answer.status}"
        except TimeoutError:
            trouble = f"no answer in {_PATIENCE_SECONDS:.0f} s"
        except aiohttp.ClientError as error:
            trouble = type(error).__name__
        self._tell(Answered(request.kind, due, (time.perf_counter() - due) * 1000, trouble))
