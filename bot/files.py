"""The choice of where trails' files are read and where the archive is kept."""

import msgspec

from bot.identity import utc_now
from bot.settings import CoreSettings
from bot.work_queue import aws_identity
from clients.archive_folder import ArchiveFolder
from clients.aws.archive_bucket import ArchiveBucket
from clients.aws.connect import AwsIdentity, open_roles
from clients.aws.event_queue import EventQueue
from clients.aws.files import own_s3, own_sqs, role_s3
from clients.aws.shared_client import OpenClient
from clients.aws.trail_bucket import TrailBucket
from clients.aws.trail_queue import TrailQueue
from clients.record_places import BucketPlace, FolderPlace, parse_place
from clients.trail_folder import TrailFolder
from engine.errors import NotFound
from engine.models.account import AwsAccount
from services.archiving import Archiving
from services.event_reading import EventReader
from services.heartbeats import Heartbeats
from services.ports import Archive, WorkQueue
from services.receiving import Receiver
from services.trail_files import TrailFiles
from services.trail_notices import TrailNoticeReader
from services.trail_reader import Trail, TrailReader
from services.trail_retries import TrailRetries
from services.trails import TrailListing
from store.connect import Store

# With a queue of notices, listing only finds what the queue missed.
_LISTING_BESIDE_QUEUE_SECONDS = 1800.0


class TrailParts(msgspec.Struct, frozen=True):
    """What reads trails, and how often they are listed."""

    listing: TrailListing
    notices: TrailNoticeReader
    retries: TrailRetries
    seconds: float


def build_archiving(settings: CoreSettings) -> Archiving | None:
    """Give what fills the archive, None when none is wanted. Raises InvalidSetting for an address that is none."""
    archive = build_archive(settings)
    return Archiving(archive, settings.archive_days, utc_now) if archive is not None else None


def build_archive(settings: CoreSettings) -> Archive | None:
    """Give the archive, None when none is wanted. Raises InvalidSetting for an address that is none."""
    if not settings.archive_url:
        return None
    place = parse_place("DD0C_ARCHIVE_URL", settings.archive_url)
    if isinstance(place, FolderPlace):
        return ArchiveFolder(place.path)
    endpoint = settings.archive_endpoint_url
    return ArchiveBucket(place.bucket, place.prefix, own_s3(_owner_identity(settings, endpoint), endpoint))


def build_trails(settings: CoreSettings, store: Store, queue: WorkQueue, archiving: Archiving | None) -> TrailParts:
    """Give what reads the trails that are set, which may be none. Raises InvalidSetting for an address that is none."""
    trails = build_places(settings, store)
    reader = TrailReader(inbox=store.inbox, archiving=archiving, queue=queue, clock=utc_now)
    files = TrailFiles(reader, store.trails, utc_now)
    notices = build_trail_queue(settings)
    return TrailParts(
        listing=TrailListing(trails=trails, files=files, rows=store.trails, clock=utc_now),
        notices=TrailNoticeReader(trails=trails, notices=notices, files=files, rows=store.trails),
        retries=TrailRetries(trails=trails, files=files, rows=store.trails, clock=utc_now),
        seconds=_LISTING_BESIDE_QUEUE_SECONDS if notices is not None else settings.poll_seconds,
    )


def build_places(settings: CoreSettings, store: Store) -> list[Trail]:
    """Give the trails that are set. Raises InvalidSetting for an address that is none."""
    urls = [url.strip() for url in settings.trail_urls.split(",") if url.strip()]
    return [_trail(url, settings, store) for url in urls]


def build_trail_queue(settings: CoreSettings) -> TrailQueue | None:
    """Give the queue of notices of new files, if one is set."""
    url = settings.trail_queue_url
    return TrailQueue(url, own_sqs(aws_identity(settings), url)) if url else None


def build_event_queue(settings: CoreSettings) -> EventQueue | None:
    """Give EventBridge's queue, if one is set."""
    url = settings.event_queue_url
    return EventQueue(url, own_sqs(aws_identity(settings), url)) if url else None


def build_events(settings: CoreSettings, store: Store, receiver: Receiver) -> EventReader:
    """Give what reads CloudTrail events from EventBridge's queue, if one is set."""
    return EventReader(
        build_event_queue(settings), receiver, Heartbeats(accounts=store.accounts, lookups=store.system, clock=utc_now)
    )


def _trail(url: str, settings: CoreSettings, store: Store) -> Trail:
    place = parse_place("DD0C_TRAIL_URLS", url)
    if isinstance(place, FolderPlace):
        return Trail(url, TrailFolder(place.path), "folder")
    opened = _open_bucket(place, settings, store)
    return Trail(url, TrailBucket(place.bucket, place.prefix, opened), "s3", place.bucket, place.prefix)


def _owner_identity(settings: CoreSettings, endpoint_url: str | None) -> AwsIdentity:
    """Another store than AWS's has users of its own; without a key of theirs the bot's own is tried there."""
    identity = aws_identity(settings)
    if endpoint_url is None or not settings.store_access_key_id:
        return identity
    secret = settings.store_secret_access_key.get_secret_value()
    return msgspec.structs.replace(
        identity, access_key_id=settings.store_access_key_id, secret_access_key=secret, session_token=None
    )


def _open_bucket(place: BucketPlace, settings: CoreSettings, store: Store) -> OpenClient:
    """A customer's bucket opens as the account that was named, any other with our own credentials."""
    endpoint_url = settings.trail_endpoint_url
    if not place.account_id:
        return own_s3(_owner_identity(settings, endpoint_url), endpoint_url)
    identity = aws_identity(settings, store)

    async def find_account() -> AwsAccount | None:
        tenant_id = await store.system.find_tenant_by_account(place.account_id)
        try:
            return await store.accounts.find_account(tenant_id, place.account_id) if tenant_id else None
        except NotFound:
            return None

    endpoint = endpoint_url or identity.endpoint_url
    return role_s3(open_roles(identity, endpoint, clock=utc_now), find_account, place.account_id)
