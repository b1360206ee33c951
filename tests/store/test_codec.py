"""Whatever the engine can hold survives being stored, through the very bytes MongoDB gets."""

import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import bson
import msgspec
import pytest
from bson.codec_options import CodecOptions
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.baselines.model import Baseline
from engine.errors import UpstreamError
from engine.models.account import AwsAccount, Tenant
from engine.models.anomaly import Anomaly
from engine.models.api_key import ApiKey
from engine.models.audit import AuditEntry
from engine.models.cost_event import CostEvent
from engine.models.delivery import Delivery
from engine.models.inbox import InboxBatch
from engine.models.resource import Resource
from engine.models.verdict import Expectation, Snooze, Verdict
from store.baselines import decode_baseline, encode_baseline
from store.codec import SCHEMA_VERSION, Document, clean, decode, encode, within
from tests.store.samples import TENANT, baseline, cost_event, tenant

STORED: list[type[msgspec.Struct]] = [
    Tenant,
    AwsAccount,
    CostEvent,
    Resource,
    Anomaly,
    Delivery,
    Verdict,
    Expectation,
    Snooze,
    InboxBatch,
    ApiKey,
    AuditEntry,
    Baseline,
]
OPTIONS: CodecOptions[Document] = CodecOptions(tz_aware=True, tzinfo=UTC)
NASTY = st.sampled_from(["", ".", "$", "$set", "a.b", "\x00", "_id", "tenant_id", "schema_version", "x" * 5000])
INT64 = st.integers(-(2**63), 2**63 - 1)
NAMES_OF_OURS = st.sampled_from(["push", "eventbridge", "us-east-1"])
MOMENTS = st.datetimes(timezones=st.just(UTC), allow_imaginary=False).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)


def any_value(hint: Any, texts: st.SearchStrategy[str], ints: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    """Return a strategy for all values of a type the models use."""
    simple = {str: texts, int: ints, float: st.floats(allow_nan=False), bool: st.booleans(), datetime: MOMENTS}
    simple[bytes] = st.binary(max_size=20)
    if hint in simple:
        return simple[hint]
    if hint is types.NoneType:
        return st.none()
    inner = [any_value(each, texts, ints) for each in get_args(hint) if each is not Ellipsis]
    by_origin: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
        types.UnionType: lambda: st.one_of(inner),
        Union: lambda: st.one_of(inner),
        tuple: lambda: st.lists(inner[0], max_size=3).map(tuple),
        list: lambda: st.lists(inner[0], max_size=3),
        dict: lambda: st.dictionaries(*inner, max_size=4),
        Mapping: lambda: st.dictionaries(NAMES_OF_OURS, inner[1], max_size=4),
    }
    if get_origin(hint):
        return by_origin[get_origin(hint)]()
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    hints = get_type_hints(hint)
    return st.builds(hint, **{name: any_value(each, texts, ints) for name, each in hints.items()})


def plain_structs(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """All that MongoDB can hold as it is, odd names included."""
    return any_value(kind, st.one_of(st.text(max_size=20), NASTY), INT64)


def hostile_structs(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Also what it cannot hold: lone surrogates and integers of any size."""
    texts = st.one_of(st.text(st.characters(), max_size=20), st.just("\ud800\udfff"), NASTY)
    return any_value(kind, texts, st.integers() | st.sampled_from([2**63, -(2**63) - 1, 10**40]))


def stored_and_loaded(value: Any) -> Any:
    """Send a struct through the bytes of BSON."""
    is_baseline = isinstance(value, Baseline)
    document = encode_baseline(TENANT, value) if is_baseline else encode(TENANT, value)
    answer = bson.decode(bson.encode(document), OPTIONS)
    return decode_baseline(answer) if is_baseline else decode(type(value), answer)


@pytest.mark.parametrize("kind", STORED)
@settings(max_examples=50)
@given(data=st.data())
def test_what_is_stored_comes_back(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    value = data.draw(plain_structs(kind))
    if hasattr(value, "tenant_id"):
        value = msgspec.structs.replace(value, tenant_id=TENANT)
    assert stored_and_loaded(value) == value


@pytest.mark.parametrize("kind", STORED)
@settings(max_examples=50)
@given(data=st.data())
def test_what_mongodb_cannot_hold_is_replaced_once_and_then_stays(
    kind: type[msgspec.Struct], data: st.DataObject
) -> None:
    stored = stored_and_loaded(data.draw(hostile_structs(kind)))
    assert stored_and_loaded(stored) == stored


def test_integers_are_clipped_to_64_bits() -> None:
    assert stored_and_loaded(cost_event(quantity=10**30)).quantity == 2**63 - 1
    assert stored_and_loaded(cost_event(quantity=-(10**30))).quantity == -(2**63)


def test_keys_that_differ_in_a_surrogate_stay_apart() -> None:
    actors = {chr(0xD800): 1, chr(0xD801): 2, "?": 3}
    assert sorted(stored_and_loaded(baseline(actors=actors)).actors.values()) == [1, 2, 3]


def test_a_datetime_loses_what_is_below_a_millisecond() -> None:
    precise = datetime(2026, 3, 10, 12, 0, 0, 123_999, tzinfo=UTC)
    stored = stored_and_loaded(cost_event(event_time=precise)).event_time
    assert stored == precise.replace(microsecond=123_000)
    assert stored.tzinfo is UTC


@given(text=st.text(st.characters(), max_size=30))
def test_cleaned_text_can_be_encoded_and_is_cleaned_once(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned


def test_every_document_says_its_tenant_and_schema() -> None:
    document = encode(TENANT, cost_event())
    assert (document["tenant_id"], document["schema_version"]) == (TENANT, SCHEMA_VERSION)


def test_fields_of_a_newer_schema_are_ignored_and_missing_ones_take_their_defaults() -> None:
    document = {**encode(TENANT, tenant()), "schema_version": 99, "from_the_future": {"a": 1}}
    del document["panic_mode"]
    assert decode(Tenant, document) == tenant()
    bare = {key: value for key, value in encode_baseline(TENANT, baseline()).items() if key != "regions"}
    assert decode_baseline(bare) == baseline(regions={})


def test_a_document_that_cannot_be_read_is_named() -> None:
    document = {**encode(TENANT, tenant()), "_id": "the-one", "team_id": 5}
    with pytest.raises(UpstreamError, match=r"Tenant document the-one .*team_id") as raised:
        decode(Tenant, document)
    assert raised.value.code == "unreadable_document"


def test_a_filter_names_its_tenant_and_can_be_sent() -> None:
    query = within("\ud800", event_id={"$in": ["\udfff", 10**30]})
    assert query == {"tenant_id": "\\ud800", "event_id": {"$in": ["\\udfff", 2**63 - 1]}}
    bson.encode(query)
