"""Reading no more of an answer than it may say."""

import aiohttp

_PIECE = 1 << 16


async def read_start(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The first bytes of an answer's body, all of it where it is shorter.

    Bodies come in pieces, and aiohttp's own ``read(n)`` gives the first piece and leaves the rest.
    """
    start = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE):
        start += piece
        if len(start) >= most:
            break
    return bytes(start[:most])
