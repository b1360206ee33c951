"""Stored models only grow, and what earlier releases wrote is read by today's code."""

import copy
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.baselines.model import Baseline
from engine.examples import FlatPrices, launch
from engine.pipeline import advance, start_changes
from store.baselines import decode_baseline, encode_baseline
from store.codec import Document, decode, encode
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.gates.history import bases_or_skip, tags, text_at
from tests.gates.release import TENANT, load, releases
from tests.gates.schemas import (
    SNAPSHOT,
    Sunset,
    current,
    faults,
    load_snapshot,
    load_sunsets,
    sunset_faults,
    unwritten,
    writers,
)
from tests.gates.stored import READ_ONLY, STORED

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 3, 10)
KINDS = {kind.__name__: kind for kinds in STORED.values() for kind in kinds}
RELEASES = list(releases())


def before() -> dict[str, Any]:
    return copy.deepcopy(current())


def field(schema: dict[str, Any], struct: str, name: str) -> Any:
    return schema["structs"][struct]["fields"][name]


def test_today_only_adds_to_the_snapshot() -> None:
    assert faults(load_snapshot(), current(), load_sunsets(), date.today()) == []  # noqa: DTZ011 - a sunset is a day


def test_today_only_adds_to_what_main_and_the_last_release_had() -> None:
    """The snapshot itself can be written anew with the change that breaks; what was committed before cannot."""
    today = date.today()  # noqa: DTZ011 - a sunset is a day
    for base in bases_or_skip():
        then = text_at(base, SNAPSHOT.relative_to(ROOT).as_posix())
        assert faults(json.loads(then), current(), load_sunsets(), today) == [], f"against {base}"


def test_the_snapshot_is_of_today() -> None:
    assert load_snapshot() == current(), "run `python -m tests.gates.schemas` and commit docs/schema/stored.json"


def test_planned_ends_are_near_and_have_successors() -> None:
    assert sunset_faults(load_sunsets(), current()) == []


def test_a_dropped_field_is_refused_until_its_sunset() -> None:
    after = before()
    del after["structs"]["Resource"]["fields"]["since"]
    assert faults(before(), after, [], TODAY) == ["Resource.since was dropped or renamed"]
    end = Sunset("Resource", "since", "since_v2", TODAY - timedelta(days=20), TODAY)
    assert faults(before(), after, [end], TODAY - timedelta(days=1)) != []
    assert faults(before(), after, [end], TODAY) == []


def test_a_renamed_field_is_refused() -> None:
    after = before()
    fields = after["structs"]["Resource"]["fields"]
    fields["began_at"] = fields.pop("since")
    assert faults(before(), after, [], TODAY) == ["Resource.since was dropped or renamed"]


@pytest.mark.parametrize(
    ("struct", "name", "other"),
    [
        ("Resource", "since", "str"),
        ("CostEvent", "quantity", "str"),
        ("CostEvent", "hourly_cost", "float"),
        ("AwsAccount", "regions", {"list of": "int"}),
        ("Tenant", "roles", {"keys": "str", "values": "str"}),
    ],
)
def test_a_field_of_another_type_is_refused(struct: str, name: str, other: Any) -> None:
    after = before()
    assert field(after, struct, name) != other
    after["structs"][struct]["fields"][name] = other
    assert faults(before(), after, [], TODAY) == [f"{struct}.{name} has another type"]


def test_a_lost_value_a_lost_struct_and_a_new_duty_are_refused() -> None:
    after = before()
    after["structs"]["AccountStatus"]["values"].remove("denied")
    after["structs"]["Resource"]["required"].append("labels")
    after["structs"]["Cell"]["as"] = "array"
    del after["structs"]["Snooze"]
    del after["collections"]["homes"]
    assert faults(before(), after, [], TODAY) == [
        "AccountStatus lost the value denied",
        "Cell is stored in another way",
        "Resource.labels is required, which older documents lack",
        "Snooze is gone",
        "collection homes is no longer stored",
    ]


def test_an_index_that_changes_or_goes_must_be_known_as_a_former_one_for_ever() -> None:
    was = before()["indexes"]["verdicts"][1]
    for became in ([], ["another"]):
        after = before()
        after["indexes"]["verdicts"][1:2] = became
        (said,) = faults(before(), after, [], TODAY)
        assert (was in said, "FORMER" in said) == (True, True)
        after["former_indexes"]["verdicts"] = [was]
        assert faults(before(), after, [], TODAY) == []
        assert len(faults(after, before(), [], TODAY)) == 1 + len(became)


def test_growing_is_allowed() -> None:
    after = before()
    fields = after["structs"]["Resource"]["fields"]
    after["structs"]["AccountStatus"]["values"].append("resting")
    fields |= {
        "color": "str",
        "since": {"any of": [fields["since"], "none"]},
        "hourly_cost": {"any of": ["float", "none"]},
    }
    after["structs"]["CostEvent"]["fields"]["quantity"] = "float"
    after["structs"]["Novelty"] = {"as": "object", "fields": {}, "required": []}
    assert faults(before(), after, [], TODAY) == []


def test_an_end_that_is_far_away_or_without_a_successor_is_refused() -> None:
    late = Sunset("Resource", "since", "region", TODAY, TODAY + timedelta(days=31))
    alone = Sunset("Resource", "since", "since_v2", TODAY, TODAY + timedelta(days=30))
    said = sunset_faults([late, alone], current())
    assert [len(said), "30 days" in said[0], "called since_v2" in said[1], "does not exist" in said[2]] == [
        3,
        *[True] * 3,
    ]


def test_both_fields_are_written_together_until_the_sunset() -> None:
    end = Sunset("Resource", "since", "since_v2", TODAY, TODAY + timedelta(days=30))
    both = "Resource(since=a, since_v2=a)\nmsgspec.structs.replace(one, since=a, since_v2=a)\nOther(since=a)\n"
    elsewhere = "msgspec.structs.replace(other, since=a)"
    assert unwritten([end], [both, elsewhere], TODAY) == []
    for one in ("Resource(kind='x', since=a)", "msgspec.structs.replace(one, since_v2=a)"):
        (said,) = unwritten([end], [both + one], TODAY)
        assert one in said
        assert unwritten([end], [both + one], end.sunset) == []
    assert unwritten(load_sunsets(), writers(), date.today()) == []  # noqa: DTZ011 - a sunset is a day


def test_every_struct_the_store_reads_has_its_collection() -> None:
    text = "".join(path.read_text() for path in (ROOT / "store").glob("*.py"))
    read = set(re.findall(r"\bdecode\(([A-Z]\w+)", text)) | set(re.findall(r"find_all\([^,]+, ([A-Z]\w+)", text))
    assert read - READ_ONLY <= KINDS.keys()
    assert len(read) > 15


def written(kind: type[msgspec.Struct], document: Document) -> Document:
    """Read by today's code and written again."""
    if kind is Baseline:
        return encode_baseline(TENANT, decode_baseline(document))
    return encode(TENANT, decode(kind, document))


def with_strange_fields(value: Any) -> Any:
    """As a later release may write it: every sub-document holds something that this one does not know."""
    if isinstance(value, list):
        return [with_strange_fields(one) for one in value]
    if isinstance(value, dict):
        known = {key: with_strange_fields(one) for key, one in value.items()}
        is_map = all(key.startswith("some ") for key in value)  # In one, a strange key is an entry as any other.
        return known if is_map else {**known, "of_a_later_release": {"some": "thing"}}
    return value


def holds(value: Any, wanted: Any) -> bool:
    """Whether all that ``wanted`` says ``value`` says too; it may say more."""
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(holds(value.get(key), one) for key, one in wanted.items())
    if isinstance(wanted, list):
        return len(value) == len(wanted) and all(holds(*pair) for pair in zip(value, wanted, strict=True))
    return bool(value == wanted)


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_what_a_release_wrote_is_read_and_kept(path: Path) -> None:
    over = {(one.struct, one.name) for one in load_sunsets()}
    for name, document in load(path).items():
        again = written(KINDS[name], with_strange_fields(document))
        lost = {key for key, value in document.items() if not holds(again.get(key), value) and (name, key) not in over}
        assert lost == set(), f"{name} of {path.stem}"


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
async def test_a_release_s_account_goes_on_under_todays_code(path: Path) -> None:
    """Tenant, account, baseline, resources and anomalies as they were; then the next launch is judged and committed."""
    documents = load(path)
    database = memory_database()
    store = Store(database, transactions=False, retention_days=36_500)
    await store.ensure_indexes()
    account_id = documents["AwsAccount"]["account_id"]
    for name, kinds in STORED.items():
        for kind in kinds:
            if kind.__name__ in documents and kind.__name__ != "Billing":
                version = {"version": 3} if kind is Baseline else {}
                await database[name].insert_one({**documents[kind.__name__], **version})
    event = launch(account_id=account_id, event_id="new", resource_ids=("i-new",))
    loaded = await store.ledger.load_state(TENANT, account_id, ["i-new"], documents["Anomaly"]["last_event_time"])
    assert list(loaded.state.anomalies) == [documents["Anomaly"]["anomaly_id"]]
    changes = start_changes(loaded.state)
    advance([event], loaded.state, changes, FlatPrices())
    await store.ledger.commit(TENANT, loaded, changes, event.event_time)
    assert await store.ledger.find_known_event_ids(TENANT, account_id, ["new"]) == {"new"}


def test_every_release_left_what_it_wrote() -> None:
    """A checkout without tags has nothing to say here; those of the workflows have them."""
    left = {path.stem for path in RELEASES}
    assert [tag for tag in tags() if tag.removeprefix("v") not in left] == []


def test_there_is_a_release_to_compare_with() -> None:
    assert "0" in {path.stem for path in RELEASES}
