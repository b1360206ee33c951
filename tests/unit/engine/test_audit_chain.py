"""The chain of the audit log: nothing that an entry says can be changed, and neither can its place."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.audit import digest_of, find_faults, link
from engine.examples import MONDAY
from engine.models.audit import AuditChain, AuditEntry, AuditHead, AuditRecord

RECORD = AuditRecord(at=MONDAY, action="key.created", actor="U1", account_id="111122223333", details={"number": 1})
OTHERWISE: dict[str, Any] = {
    "at": MONDAY.replace(second=1),
    "action": "key.revoked",
    "actor": "U2",
    "account_id": "999988887777",
    "details": {"number": 2},
    "tenant_id": "t-2",
    "seq": 2,
    "previous": "0",
}


def chain(*entries: AuditEntry) -> AuditChain:
    return AuditChain(entries, AuditHead(seq=entries[-1].seq, digest=entries[-1].digest))


@pytest.mark.parametrize(
    "field", [name for name in AuditEntry.__struct_fields__ if name not in {"digest", "signature"}]
)
def test_every_field_of_an_entry_is_bound(field: str) -> None:
    entry = link("t-1", RECORD, None, [])
    assert digest_of(replace(entry, **{field: OTHERWISE[field]})) != digest_of(entry) == entry.digest


def test_an_end_that_was_written_anew_as_a_whole_is_not_what_the_note_of_it_says() -> None:
    first = link("t-1", RECORD, None, [])
    head = AuditHead(seq=first.seq, digest=first.digest)
    last, forged = (link("t-1", replace(RECORD, actor=actor), head, []) for actor in ("U1", "U2"))
    written = chain(first, last)
    assert find_faults(written, []) == []
    assert find_faults(replace(written, entries=(first, forged)), []) == [
        "entry 2 is not the one that was written last"
    ]
