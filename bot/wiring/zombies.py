"""Wiring of the zombie hunter."""

import time

from bot.identity import utc_now
from bot.settings import CoreSettings
from bot.work_queue import aws_identity
from clients.aws.connect import connect_births, connect_zombies
from clients.prices.packaged import load_price_table
from services.births import BirthClock
from services.ports import People
from services.zombie_asks import ZombieAnswers, ZombieAsking
from services.zombie_scans import ZombieScans
from services.zombies import Zombies
from store.connect import Store


def build_zombie_scans(settings: CoreSettings, store: Store, prices_file: str) -> ZombieScans:
    """Give what looks for idle resources."""
    return ZombieScans(
        lookups=store.system,
        tenants=store.tenants,
        accounts=store.accounts,
        source=connect_zombies(aws_identity(settings, store), clock=utc_now, monotonic=time.monotonic),
        rows=store.zombies,
        prices=load_price_table(settings.data_dir.expanduser() / prices_file),
        clock=utc_now,
    )


def build_births(settings: CoreSettings, store: Store, people: People) -> BirthClock:
    """Give what tells of expensive things that were made hours ago and never used."""
    return BirthClock(
        lookups=store.system,
        tenants=store.tenants,
        accounts=store.accounts,
        source=connect_births(aws_identity(settings, store), clock=utc_now, monotonic=time.monotonic),
        people=people,
        posts=store.posts,
        clock=utc_now,
    )


def build_zombies(store: Store) -> Zombies:
    """Give what answers about idle resources."""
    asking = ZombieAsking(store.zombies, store.zombie_asks, utc_now)
    return Zombies(store.accounts, store.zombies, asking, utc_now)


def build_zombie_answers(store: Store, scans: ZombieScans) -> ZombieAnswers:
    """Give what looks again for whom asks, and tells them."""
    return ZombieAnswers(
        lookups=store.system,
        accounts=store.accounts,
        scans=scans,
        rows=store.zombies,
        asks=store.zombie_asks,
        posts=store.posts,
        clock=utc_now,
    )
