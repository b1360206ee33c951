"""A trail's files in a bucket of S3, or of anything that speaks like it."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import aiohttp

from clients.aws.errors import translated
from clients.aws.shared_client import OpenClient, SharedClient
from engine.errors import NotFound, Rejected, Unavailable
from engine.models.trail import TrailObject

_PIECE = 2**18
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


class TrailBucket:
    """A trail that begins at ``prefix`` in a bucket; keys count from there."""

    def __init__(self, bucket: str, prefix: str, open_client: OpenClient) -> None:
        self._bucket = bucket
        self._root = f"{prefix}/" if prefix else ""
        self._shared = SharedClient(open_client)

    async def find_folders(self, folder: str) -> list[str]:
        """Give the names of what lies directly below a folder; none when it is not there."""
        names: list[str] = []
        async with aclosing(self._pages(folder, Delimiter="/")) as pages:
            async for page in pages:
                found = (one["Prefix"] for one in page.get("CommonPrefixes", ()))
                names.extend(prefix.removeprefix(self._root + folder).rstrip("/") for prefix in found)
        return names

    async def find_files(self, folder: str, after: str) -> AsyncGenerator[Sequence[TrailObject], None]:
        """Yield pages of the files below a folder whose key sorts behind ``after``, in the order of their keys."""
        async with aclosing(self._pages(folder, StartAfter=self._root + after)) as pages:
            async for page in pages:
                yield [
                    TrailObject(found["Key"].removeprefix(self._root), found.get("ETag", "").strip('"'))
                    for found in page.get("Contents", ())
                ]

    @asynccontextmanager
    async def open(self, key: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give a file's content in pieces. Raises NotFound when it is gone, UpstreamError when it is refused."""
        doing = f"Reading {key} from bucket {self._bucket}"
        async with self._shared.use(doing) as client:
            answer = await _get(client, self._bucket, self._root + key, doing)
            async with answer["Body"], aclosing(_chunks(answer["Body"], doing)) as chunks:
                yield chunks

    async def _pages(self, folder: str, **request: str) -> AsyncGenerator[Any, None]:
        doing = f"Listing {self._root}{folder} in bucket {self._bucket}"
        async with self._shared.use(doing) as client:
            while True:
                async with translated(doing):
                    page = await client.list_objects_v2(Bucket=self._bucket, Prefix=self._root + folder, **request)
                yield page
                if not page.get("IsTruncated"):
                    return
                request["ContinuationToken"] = page["NextContinuationToken"]


async def _get(client: Any, bucket: str, key: str, doing: str) -> Any:
    try:
        async with translated(doing):
            return await client.get_object(Bucket=bucket, Key=key)
    except Rejected as error:
        if error.code in _GONE:
            raise NotFound(f"{key} is not in bucket {bucket} any more.") from error
        raise


async def _chunks(body: Any, doing: str) -> AsyncGenerator[bytes, None]:
    """Yield pieces until the length that was announced; a connection that ends before it is an error."""
    try:
        async with translated(doing):
            while piece := await body.read(_PIECE):
                yield piece
    except aiohttp.ClientError as error:
        raise Unavailable(f"{doing}: the connection broke ({type(error).__name__}).", code="BrokenStream") from error
