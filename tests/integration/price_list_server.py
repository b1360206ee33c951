"""A price list server on this machine: AWS's paths, ETags and ranges, and faults on demand."""

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

VERSION = "20261120170211"
ROOT = "/offers/v1.0/aws"
PIECE_BYTES = 64 * 1024


@dataclass
class Fault:
    """What goes wrong with one request: an answer without content, or a connection that stops after some bytes.

    ``stalls`` keeps a stopped connection open instead of hanging up.
    """

    status: int = 0
    cut_after: int = 0
    stalls: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """One request and how it was answered."""

    path: str
    headers: Mapping[str, str]
    status: int


class PriceListServer:
    """Serves ``files`` by path; ``faults`` are used up one per request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.seen: list[Seen] = []
        self.base_url = ""

    def publish(self, csvs: Mapping[tuple[str, str], str], published: str = "2026-11-20T17:02:11Z") -> None:
        """Publish CSVs by (offer, Region), with the indexes that lead to them."""
        offers = {offer for offer, _ in csvs}
        entries = {offer: {"currentRegionIndexUrl": _region_index(offer)} for offer in offers}
        self.put_json(f"{ROOT}/index.json", {"publicationDate": published, "offers": entries})
        for offer in offers:
            regions = {region: _version(offer, region) for other, region in csvs if other == offer}
            self.put_regions(offer, {region: f"{path}.json" for region, path in regions.items()})
        for (offer, region), text in csvs.items():
            self.files[csv_path(offer, region)] = text.encode()

    def put_json(self, path: str, content: Any) -> None:
        """Serve an object as JSON."""
        self.files[path] = json.dumps(content).encode()

    def put_regions(self, offer: str, paths: Mapping[str, str]) -> None:
        """Serve an offer's list of Regions."""
        regions = {region: {"regionCode": region, "currentVersionUrl": path} for region, path in paths.items()}
        self.put_json(_region_index(offer), {"regions": regions})

    def requests(self, path: str) -> list[Seen]:
        """The requests of one file, in order."""
        return [seen for seen in self.seen if seen.path == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request and remember it."""
        fault = self.faults[request.path].pop(0) if self.faults[request.path] else Fault()
        response = self._answer(request, fault)
        self.seen.append(Seen(request.path, dict(request.headers), response.status))
        return await _send(request, response, fault) if response.body else response

    def _answer(self, request: web.Request, fault: Fault) -> web.Response:
        content = self.files.get(request.path)
        if fault.status or content is None:
            return web.Response(status=fault.status or 404, headers=fault.headers)
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": etag, **fault.headers}
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        if "Range" in request.headers and request.headers.get("If-Range") == etag:
            return _part(content, request.headers["Range"], headers)
        return web.Response(body=content, headers=headers)


def csv_path(offer: str, region: str) -> str:
    """Where the CSV of an offer in a Region is."""
    return f"{_version(offer, region)}.csv"


@asynccontextmanager
async def price_list_server() -> AsyncIterator[PriceListServer]:
    """Run a server on a free port of 127.0.0.1."""
    server = PriceListServer()
    app = web.Application()
    app.router.add_get("/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def _region_index(offer: str) -> str:
    return f"{ROOT}/{offer}/current/region_index.json"


def _version(offer: str, region: str) -> str:
    return f"{ROOT}/{offer}/{VERSION}/{region}/index"


def _part(content: bytes, wanted: str, headers: Mapping[str, str]) -> web.Response:
    start = int(wanted.removeprefix("bytes=").rstrip("-"))
    size = len(content)
    if start >= size:
        return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    span = {"Content-Range": f"bytes {start}-{size - 1}/{size}"}
    return web.Response(status=206, body=content[start:], headers={**span, **headers})


async def _send(request: web.Request, whole: web.Response, fault: Fault) -> web.StreamResponse:
    """Send a body piece by piece; a fault promises all of it and stops after some bytes."""
    body = whole.body
    assert isinstance(body, bytes)
    response = web.StreamResponse(status=whole.status, headers=whole.headers)
    response.content_length = len(body)
    await response.prepare(request)
    sent = body[: fault.cut_after or None]
    for start in range(0, len(sent), PIECE_BYTES):
        await response.write(sent[start : start + PIECE_BYTES])
    if fault.stalls:
        await asyncio.sleep(60)
    if fault.cut_after:
        assert request.transport is not None
        request.transport.close()
    return response
