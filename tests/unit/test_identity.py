"""The process's clock."""

from datetime import UTC

from bot.identity import utc_now
from store.codec import decode, encode
from tests.blocks.samples import incident


def test_a_moment_of_the_clock_is_the_same_after_it_was_stored() -> None:
    """Claims are compared with what the database gives back, which has no microseconds."""
    for _ in range(1000):
        now = utc_now()
        assert now.tzinfo is UTC
        assert now.microsecond % 1000 == 0
    stored = encode("t-1", incident(detected_at=now))
    assert decode(type(incident()), stored).detected_at == now
