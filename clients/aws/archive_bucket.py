"""The archive in a bucket of S3, or of anything that speaks like it."""

from datetime import datetime
from typing import Any

from clients.archive_names import account_folder, object_name, object_time
from clients.aws.errors import translated
from clients.aws.shared_client import OpenClient, SharedClient
from engine.errors import Unavailable


class ArchiveBucket:
    """One object for each batch of an account and hour, named as in a folder."""

    def __init__(self, bucket: str, prefix: str, open_client: OpenClient) -> None:
        self._bucket = bucket
        self._root = f"{prefix}/" if prefix else ""
        self._shared = SharedClient(open_client)

    async def save_object(self, tenant_id: str, account_id: str, name: str, time: datetime, content: bytes) -> None:
        """Keep an object; written again under the same name it is the same, so nothing needs asking first."""
        key = self._root + object_name(tenant_id, account_id, name, time)
        doing = f"Writing {key} to bucket {self._bucket}"
        async with self._shared.use(doing) as client, translated(doing):
            await client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType="application/gzip")

    async def delete_account(self, tenant_id: str, account_id: str) -> int:
        """Delete all objects of an account; return how many there were."""
        return await self._delete(self._root + account_folder(tenant_id, account_id), None)

    async def prune(self, before: datetime) -> int:
        """Delete what is older than that, by listing the whole archive: a lifecycle rule of the bucket is cheaper."""
        return await self._delete(self._root, before)

    async def _delete(self, prefix: str, before: datetime | None) -> int:
        doing = f"Deleting old objects below {prefix} in bucket {self._bucket}"
        count, request = 0, {"Bucket": self._bucket, "Prefix": prefix}
        async with self._shared.use(doing) as client, translated(doing):
            while True:
                page = await client.list_objects_v2(**request)
                keys = [found["Key"] for found in page.get("Contents", ()) if _is_old(found["Key"], before)]
                if keys:
                    await self._delete_page(client, keys)
                    count += len(keys)
                if not page.get("IsTruncated"):
                    return count
                request["ContinuationToken"] = page["NextContinuationToken"]

    async def _delete_page(self, client: Any, keys: list[str]) -> None:
        wanted = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        answer = await client.delete_objects(Bucket=self._bucket, Delete=wanted)
        for failed in answer.get("Errors", ()):
            raise Unavailable(
                f"S3 did not delete {failed.get('Key')}: {failed.get('Code')}.", code=failed.get("Code", "")
            )


def _is_old(key: str, before: datetime | None) -> bool:
    """Whether an object of the archive is to go; other things in the bucket are not ours."""
    time = object_time(key.rsplit("/", 1)[-1])
    return time is not None and (before is None or time < before)
