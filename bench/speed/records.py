"""Made-up life of many accounts: mostly the same actors doing the same things, five records of six without any cost."""

import random
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from bench.speed.identities import role_identity, user_identity
from bench.speed.shapes import ENDS, IRRELEVANT, STARTS

IRRELEVANT_PER_RELEVANT = 5
_BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
_SPAN = timedelta(days=60)
_ACCOUNTS = 20
_MOST_RUNNING = 3000
_ENDING = 0.45
_ODD = 0.003
_NEW_SESSION = 0.1
_AT_HOME = 0.8
_ROLES = ("deploy", "ci", "batch", "ops", "data-pipeline")
_PEOPLE = ("maria", "jonas", "aisha", "li", "tom", "ines")
_AGENTS = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.76.0 aws-sdk-go-v2/1",
    "aws-cli/2.22.1 md/awscrt#0.22.0 ua/2.0 os/linux#6.8.0 md/arch#x86_64 lang/python#3.12.6 cfg/retry-mode#standard",
    "Boto3/1.35.64 md/Botocore#1.35.64 ua/2.0 os/linux#5.10.228 md/arch#x86_64 lang/python#3.11.10 Botocore/1.35.64",
)
_KINDS = {
    "instance": ("t3.micro", "t3.medium", "m5.large", "m5.xlarge", "c5.large", "c5.2xlarge", "r5.large", "m6i.large"),
    "volume": ("gp3", "gp2", "io2"),
    "database": ("db.t3.medium", "db.r5.large", "db.m5.large"),
    "gateway": ("nat_gateway",),
}
_SHARES = {"instance": 14, "volume": 4, "database": 1, "gateway": 1}
_PREFIXES = {"instance": "i-0", "volume": "vol-0", "database": "orders-", "gateway": "nat-0"}
_REGIONS = ("us-east-1", "eu-west-1", "us-west-2", "ap-southeast-2")
_DEAR = ("instance", "p3.8xlarge")


class _Actor(msgspec.Struct):
    """Somebody with habits. A role has a new session, and with it a new identity, for every ten records or so."""

    account: str
    region: str
    role: str
    identity: str
    agent: str
    address: str
    habits: tuple[tuple[str, str], ...]


class _Thing(msgspec.Struct, frozen=True):
    """Something that runs."""

    owner: _Actor
    sort: str
    kind: str
    name: str


def make_records(count: int, seed: int = 1) -> Iterator[bytes]:
    """Give so many records in the order of their time, spread over sixty days, each as JSON without a line end."""
    rng = random.Random(seed)  # noqa: S311 - made-up data, no secret
    actors = [actor for number in range(_ACCOUNTS) for actor in _actors(rng, f"{400_000_000_000 + 7919 * number}")]
    running: deque[_Thing] = deque()
    for number in range(count):
        if number % (IRRELEVANT_PER_RELEVANT + 1):
            shape, thing = rng.choice(IRRELEVANT), _Thing(rng.choice(actors), "", "", "")
        elif len(running) > _MOST_RUNNING or (running and rng.random() < _ENDING):
            thing = running.popleft()
            shape = ENDS[thing.sort]
        else:
            thing = _start(rng, rng.choice(actors), number)
            shape = STARTS[thing.sort]
            running.append(thing)
        _maybe_new_session(rng, thing.owner)
        yield _filled(shape, thing, number, _BEGIN + number * (_SPAN / count))


def _start(rng: random.Random, actor: _Actor, number: int) -> _Thing:
    """What the actor is used to start, and once in a while something that it is not."""
    sort, kind = _DEAR if rng.random() < _ODD else rng.choice(actor.habits)
    return _Thing(actor, sort, kind, f"{_PREFIXES[sort]}{number:016x}")


def _filled(shape: str, thing: _Thing, number: int, at: datetime) -> bytes:
    actor = thing.owner
    places = {
        "identity": actor.identity,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "account": actor.account,
        "region": actor.region,
        "event": f"4a7e-4c1b-9d02-{number:012x}",
        "address": actor.address,
        "agent": actor.agent,
        "thing": thing.name,
        "kind": thing.kind,
        "image": "ami-029eb80bc237bec6f",
        "access_key": f"ASIA{number:016X}",
    }
    return (shape % places).encode()


def _maybe_new_session(rng: random.Random, actor: _Actor) -> None:
    if actor.role and rng.random() < _NEW_SESSION:
        actor.identity = role_identity(actor.account, "", actor.role, f"i-0{rng.getrandbits(64):016x}")


def _actors(rng: random.Random, account: str) -> list[_Actor]:
    path, scaling = "aws-service-role/autoscaling.amazonaws.com/", "AWSServiceRoleForAutoScaling"
    service = role_identity(account, path, scaling, "AutoScaling", invokedBy="autoscaling.amazonaws.com")
    home = rng.choice(_REGIONS)
    return [
        _actor(rng, account, home, identity=service),
        *(_actor(rng, account, home, role=role, identity=role_identity(account, "", role, role)) for role in _ROLES),
        *(_actor(rng, account, home, identity=user_identity(account, person)) for person in _PEOPLE),
    ]


def _actor(rng: random.Random, account: str, home: str, *, identity: str, role: str = "") -> _Actor:
    sorts = rng.choices(list(_SHARES), list(_SHARES.values()), k=3)
    return _Actor(
        account=account,
        region=home if rng.random() < _AT_HOME else rng.choice(_REGIONS),
        role=role,
        identity=identity,
        agent=rng.choice(_AGENTS),
        address=f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}",
        habits=tuple((sort, rng.choice(_KINDS[sort])) for sort in sorts),
    )
