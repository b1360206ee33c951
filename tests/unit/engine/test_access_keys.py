"""What may be an access key, and what is said of one that AWS refuses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.access_keys import OLD_AFTER, account_of_owner, age_fault, lost_access, refused, require_key
from engine.errors import InputError
from engine.models.access_key import AccessKey
from tests.store.noted_samples import access_key
from tests.store.samples import ACCOUNT, account

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY_ID = access_key().key_id


@given(key_id=st.text(min_size=1), secret=st.text(min_size=4))
def test_what_is_no_key_is_refused_without_being_quoted(key_id: str, secret: str) -> None:
    try:
        require_key(AccessKey(key_id=key_id, secret=secret))
    except InputError as error:
        said = str(error)
        assert len(key_id) < 5 or key_id not in said
        assert secret not in said or secret in "An access key's id looks like AKIAIOSFODNN7EXAMPLE: capital letters"
    else:
        assert key_id.startswith("AKIA")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (access_key("ASIAIOSFODNN7EXAMPLE"), "temporary"),
        (access_key("akiaiosfodnn7example"), "looks like"),
        (AccessKey(key_id=KEY_ID, secret=""), "Copy all of it"),
        (AccessKey(key_id=KEY_ID, secret="two words of a secret, not one"), "Copy all of it"),
    ],
)
def test_why_it_is_none(key: AccessKey, words: str) -> None:
    with pytest.raises(InputError, match=words):
        require_key(key)


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:root",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1",
        f"arn:aws:sts::{ACCOUNT}:federated-user/ann",
        "",
    ],
)
def test_only_a_users_key_is_taken(arn: str) -> None:
    with pytest.raises(InputError, match="dd0c accounts policy"):
        account_of_owner(arn)


def test_a_user_in_a_path_and_of_another_partition() -> None:
    assert account_of_owner(f"arn:aws-cn:iam::{ACCOUNT}:user/bots/dd0c") == ACCOUNT


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"])
def test_a_key_that_was_deactivated_says_what_to_do(code: str) -> None:
    said = lost_access(account(role_arn="", access_key_id=KEY_ID), code, "whatever AWS said")
    assert "activate it there" in said
    assert f"dd0c accounts rotate {ACCOUNT}" in said
    assert KEY_ID not in said
    assert "...MPLE" in said


def test_a_user_who_lost_its_policy_and_a_role_that_is_gone_are_told_apart() -> None:
    of_user = lost_access(account(role_arn="", access_key_id=KEY_ID), "AccessDeniedException", "It may not.")
    assert "attach to it again" in of_user
    assert of_user.endswith("It may not.")
    assert lost_access(account(), "AccessDenied", "No.") == (
        "Its role opens no Region any more: restore it, or connect the account again. No."
    )


def test_a_secret_of_another_key() -> None:
    assert "clock" in refused(KEY_ID, "SignatureDoesNotMatch", "The signature...")
    assert refused(KEY_ID, "Odd", "It said so.").endswith("It said so.")


def test_an_old_key_is_told_and_a_young_one_is_not() -> None:
    assert age_fault(ACCOUNT, KEY_ID, NOW - OLD_AFTER, NOW) == ""
    said = age_fault(ACCOUNT, KEY_ID, NOW - OLD_AFTER - timedelta(days=1), NOW)
    assert "91 days ago" in said
    assert f"dd0c accounts rotate {ACCOUNT}" in said
