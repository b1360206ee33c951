"""The targets that ``make fuzz`` runs for long take any bytes for a moment, so that none is broken unseen."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b'{"Records": [{"eventName": "RunInstances"}]}')
@example(data=b"\x00\x10{}\x00{}")
@example(data=b"expect m5.large x5 until friday")
def test_whatever_comes_is_read_or_refused(target: object, data: bytes) -> None:
    assert callable(target)
    assert target(data) is None
