"""What is secret is compared in constant time: == says by its time how much of a guess was right."""

import ast
from collections.abc import Iterator

import pytest

from tests.security.test_patterns import HOUSE, sources

SECRET = ("secret", "signature", "digest", "csrf", "hmac", "password", "nonce", "token", "api_key", "cookie", "ticket")
# A chain's digests are no secrets: whoever checks it knows both. The others only sound like secrets.
NO_SECRET = {
    ("bot/settings.py", "bool(secret.get_secret_value()) != bool(so_far.data.get('store_access_key_id'))"),
    ("engine/access_keys.py", "code == _WRONG_SECRET"),
    ("engine/audit.py", "(chain.head.seq, chain.head.digest) != (last.seq, last.digest)"),
    ("engine/audit.py", "after.previous != before.digest"),
    ("engine/audit.py", "digest_of(entry) != entry.digest"),
    ("handlers/slack/app.py", "record.getMessage() != warning_client_prioritized_and_token_skipped()"),
    ("handlers/web/site/settings.py", "rhythm == DigestRhythm.OFF.value"),
    ("handlers/web/site/settings.py", "rhythm == DigestRhythm.WEEKLY.value"),
    ("services/ticket_words.py", "anomaly.tickets_undone == number"),
    ("services/tickets.py", "before.ticket != claim"),
}


def comparisons(source: str) -> Iterator[str]:
    """Comparisons for equality of what is named like a secret, with anything but a constant."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
            sides = [node.left, *node.comparators]
            named = any(word in ast.unparse(side).lower() for side in sides for word in SECRET)
            if named and not any(isinstance(side, ast.Constant) for side in sides):
                yield ast.unparse(node)


def test_nothing_secret_is_compared_by_its_letters() -> None:
    found = {(path.relative_to(HOUSE).as_posix(), one) for path in sources() for one in comparisons(path.read_text())}
    assert found == NO_SECRET


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ("given.signature == expected", True),
        ("if sha(token) != row.digest: pass", True),
        ("hmac.compare_digest(a, b)", False),
        ("token == ''", False),
        ("count == total", False),
    ],
)
def test_what_would_be_found(source: str, *, is_found: bool) -> None:
    assert bool(list(comparisons(source))) is is_found
