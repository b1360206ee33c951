"""AWS's public bulk price list over HTTP: the indexes, and downloads that survive interruption."""

import asyncio
import datetime as dt
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import aiohttp
import msgspec

from clients.prices.folder import PartFile
from engine.errors import UNREADABLE, InputError, NotFound, Rejected, Throttled, Unavailable, UpstreamError

DEFAULT_BASE_URL = "https://pricing.us-east-1.amazonaws.com"
INDEX_PATH = "/offers/v1.0/aws/index.json"
ATTEMPTS = 4
MAX_INDEX_BYTES = 8 * 1024 * 1024
MAX_FILE_BYTES = 8 * 1024**3
CHUNK_BYTES = 256 * 1024

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=60)
# Paths come from the other side: only files of the price list itself are followed, never another host.
_SAFE_PATH = re.compile(r"/offers/v1\.0/aws/(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.json")
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}")

Received = Callable[[int], None]
Sleep = Callable[[float], Awaitable[object]]


class OfferIndex(msgspec.Struct, frozen=True, rename="camel"):
    """The list of offers; ``publication_date`` is when AWS last published any of them."""

    publication_date: dt.datetime
    offers: dict[str, "OfferEntry"]


class OfferEntry(msgspec.Struct, frozen=True, rename="camel"):
    """Where an offer's list of Regions is."""

    current_region_index_url: str = ""


class _RegionEntry(msgspec.Struct, frozen=True, rename="camel"):
    current_version_url: str


class _RegionIndex(msgspec.Struct, frozen=True):
    regions: dict[str, _RegionEntry]


_Model = TypeVar("_Model")


def open_session() -> aiohttp.ClientSession:
    """A session for `PriceListSource`: without automatic decompression, because parts are counted in bytes."""
    return aiohttp.ClientSession(auto_decompress=False, timeout=_TIMEOUT)


class PriceListSource:
    """Reads the price list at ``base_url``; retries what may pass and continues broken downloads.

    Raises (all methods): NotFound (404), Throttled, Unavailable (after the last attempt), Rejected (any other
    answer that is not a success), InputError (the answer is not what a price list looks like).
    """

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str = DEFAULT_BASE_URL, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._sleep = sleep

    async def fetch_index(self) -> OfferIndex:
        """Fetch the list of offers."""
        return await self._fetch_json(INDEX_PATH, OfferIndex)

    async def fetch_csv_paths(self, offer: OfferEntry) -> dict[str, str]:
        """Fetch where an offer's current CSV is, by Region."""
        index = await self._fetch_json(_checked(offer.current_region_index_url), _RegionIndex)
        return {
            region: _checked(entry.current_version_url).removesuffix(".json") + ".csv"
            for region, entry in index.regions.items()
            if _REGION.fullmatch(region)
        }

    async def download(
        self, path: str, part: PartFile, known_etag: str | None, received: Received
    ) -> tuple[bool, str | None]:
        """Bring ``part`` up to the whole file: (True, ETag), or (False, ETag) if it still has the known ETag.

        A connection that breaks is continued from where it stopped, if the server says what it is sending (ETag).
        """
        return await self._retry(lambda: self._download_once(path, part, known_etag, received))

    async def _fetch_json(self, path: str, model: type[_Model]) -> _Model:
        content = await self._retry(lambda: self._fetch_bytes(path))
        try:
            return msgspec.json.decode(content, type=model)
        except UNREADABLE as error:
            raise InputError(f"{path} is not an index of the price list: {error}") from error

    async def _fetch_bytes(self, path: str) -> bytes:
        async with self._session.get(self._base_url + path, allow_redirects=False) as response:
            _raise_for_status(response, path)
            content = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                content += chunk
                if len(content) > MAX_INDEX_BYTES:
                    raise InputError(f"{path} is longer than {MAX_INDEX_BYTES} bytes, which no index is")
            return bytes(content)

    async def _download_once(
        self, path: str, part: PartFile, known_etag: str | None, received: Received
    ) -> tuple[bool, str | None]:
        resume = part.resume_point(path)
        headers = _download_headers(resume, known_etag)
        async with self._session.get(self._base_url + path, headers=headers, allow_redirects=False) as response:
            if response.status == HTTPStatus.NOT_MODIFIED:
                return False, known_etag
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and resume:
                return True, _finish_or_start_over(response, part, resume)
            _raise_for_status(response, path)
            _prepare_part(response, part, path, resume)
            await _receive(response, part, received)
            return True, response.headers.get("ETag")

    async def _retry(self, attempt: Callable[[], Awaitable[_Model]]) -> _Model:
        delay = 1.0
        for _ in range(ATTEMPTS - 1):
            try:
                return await _translated(attempt)
            except (Unavailable, Throttled) as error:
                await self._sleep(error.retry_after or delay)
                delay *= 4
        return await _translated(attempt)


async def _translated(attempt: Callable[[], Awaitable[_Model]]) -> _Model:
    try:
        return await attempt()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unavailable(f"the price list cannot be reached or broke off: {error!r}") from error


def _checked(path: str) -> str:
    if not _SAFE_PATH.fullmatch(path):
        raise InputError(f"the price list points to {path[:200]!r}, which is not one of its own files")
    return path


def _raise_for_status(response: aiohttp.ClientResponse, path: str) -> None:
    if response.status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    raise _status_error(response.status, f"{path} answered {response.status}")


def _status_error(status: int, text: str) -> UpstreamError | NotFound:
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(text)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(text, code=str(status))
    kind = Unavailable if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Rejected
    return kind(text, code=str(status))


def _download_headers(resume: tuple[int, str] | None, known_etag: str | None) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity"}
    if resume:
        return headers | {"Range": f"bytes={resume[0]}-", "If-Range": resume[1]}
    return headers | {"If-None-Match": known_etag} if known_etag else headers


def _finish_or_start_over(response: aiohttp.ClientResponse, part: PartFile, resume: tuple[int, str]) -> str:
    """A range behind the end: the part is the whole file already, or it is not a part of this file."""
    size, etag = resume
    if response.headers.get("Content-Range") == f"bytes */{size}":
        return etag
    part.discard()
    raise Unavailable("the part does not fit the file any more; starting over")


def _prepare_part(response: aiohttp.ClientResponse, part: PartFile, path: str, resume: tuple[int, str] | None) -> None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Rejected(f"{path} came compressed although it was asked for as it is")
    if response.status == HTTPStatus.OK:
        part.begin(path, response.headers.get("ETag"))
    elif not resume or not response.headers.get("Content-Range", "").startswith(f"bytes {resume[0]}-"):
        part.discard()
        raise Unavailable(f"{path} sent another range than it was asked for; starting over")


async def _receive(response: aiohttp.ClientResponse, part: PartFile, received: Received) -> None:
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        if part.append(chunk) > MAX_FILE_BYTES:
            part.discard()
            raise InputError(f"a price list of more than {MAX_FILE_BYTES} bytes is not believable")
        received(len(chunk))
