"""Objects of CloudTrail records in a bucket: an archive of ours, or a trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3  # type: ignore[import-untyped] # it ships no types
from botocore.config import Config

from clients.aws.errors import translating
from clients.record_places import BucketPlace
from clients.record_sources import Readable, holds_records


class BucketObject:
    """One object; it is read as it comes, and never held as a whole."""

    def __init__(self, client: Any, bucket: str, key: str, size: int) -> None:
        self.name = f"s3://{bucket}/{key}"
        self.size = size
        self._client = client
        self._bucket = bucket
        self._key = key

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """Give what reads it. Raises UpstreamError, also for what goes wrong while it is read."""
        with translating(f"Reading {self.name}"):
            body = self._client.get_object(Bucket=self._bucket, Key=self._key)["Body"]
            try:
                yield body
            finally:
                body.close()


def find_objects(place: BucketPlace, endpoint_url: str | None) -> list[BucketObject]:
    """List what looks like records below a prefix, with the credentials of whoever asks. Raises UpstreamError."""
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 3},
        s3={"addressing_style": "path"} if endpoint_url else {},
    )
    with translating(f"Listing s3://{place.bucket}/{place.prefix}", "there are no AWS credentials for it here"):
        client = boto3.Session().client("s3", endpoint_url=endpoint_url, config=config)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
        listed = [one for page in pages for one in page.get("Contents", ())]
    found = [one for one in listed if holds_records(one["Key"])]
    return [BucketObject(client, place.bucket, one["Key"], one["Size"]) for one in found]
