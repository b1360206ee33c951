"""The AWS client on the simulated AWS: pages, credentials, refusals, pace."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.aws.cloudtrail import CloudTrailHistory
from clients.aws.connect import LOOKUPS_PER_SECOND, AwsIdentity, connect_roles, open_session
from clients.aws.pacing import Pacer
from clients.aws.roles import Credentials, Roles, role_arn_of_session
from demo.aws_account import AwsAccount as SimulatedAccount
from demo.aws_account import AwsSimulator
from engine.errors import AccessDenied, InvalidSetting, Rejected, Throttled, Unavailable, UpstreamError
from engine.models.account import AccountStatus, AwsAccount
from tests.demo.aws_world import ACCOUNT, EXTERNAL_ID, NOW, REGION, Records, TurnedClock, session_of

HOUR = timedelta(hours=1)
END = datetime.fromtimestamp(NOW, UTC)


def account(**changes: Any) -> AwsAccount:
    given: dict[str, Any] = {
        "account_id": ACCOUNT,
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/dd0c-cost-readonly",
        "external_id": EXTERNAL_ID,
        **changes,
    }
    return AwsAccount(name="x", status=AccountStatus.ACTIVE, regions=(REGION,), connected_at=END, **given)


@pytest.fixture
def turned() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def simulator(turned: TurnedClock) -> AsyncIterator[AwsSimulator]:
    aws = AwsSimulator(clock=turned, lookup_rate=None)
    await aws.start()
    yield aws
    await aws.stop()


@pytest.fixture
def customer(simulator: AwsSimulator) -> SimulatedAccount:
    made = simulator.add_account(ACCOUNT, (REGION, "eu-west-1"), external_id=EXTERNAL_ID, alias="acme")
    records = Records()
    for second in range(170):
        made.record(records.at(NOW - second))
    return made


@pytest.fixture
def source(simulator: AwsSimulator, turned: TurnedClock) -> CloudTrailHistory:
    def clock() -> datetime:
        return datetime.fromtimestamp(turned.now, UTC)

    roles = Roles(session_of(simulator.caller), clock=clock, endpoint_url=simulator.url, attempts=1)
    return CloudTrailHistory(roles, Pacer(1e9, lambda: 0.0))


async def pages_of(source: CloudTrailHistory, region: str = REGION) -> list[Sequence[bytes]]:
    return [page async for page in source.lookup(account(), region, END - HOUR, END)]


async def test_all_pages_come_newest_first(source: CloudTrailHistory, customer: SimulatedAccount) -> None:
    pages = await pages_of(source)
    assert [len(page) for page in pages] == [50, 50, 50, 20]
    flat = [record for page in pages for record in page]
    assert len(set(flat)) == 170
    assert all(record.startswith(b'{"eventVersion"') for record in flat)
    assert await pages_of(source, "eu-west-1") == [[]]
    assert customer.role_exists


@pytest.mark.usefixtures("customer")
async def test_credentials_that_expire_between_pages_are_renewed_at_the_same_page(
    source: CloudTrailHistory, customer: SimulatedAccount, simulator: AwsSimulator
) -> None:
    found: list[bytes] = []
    async for page in source.lookup(account(), REGION, END - HOUR, END):
        found += page
        customer.expire_sessions()  # after each page
    assert len(found) == len(set(found)) == 170
    assert len(simulator.calls_of("AssumeRole")) == 4


@pytest.mark.usefixtures("customer")
async def test_credentials_that_are_never_good_are_given_up(source: CloudTrailHistory, simulator: AwsSimulator) -> None:
    simulator.fail_next("LookupEvents", "ExpiredTokenException", times=99)
    with pytest.raises(Unavailable, match=f"account {ACCOUNT} in {REGION}: ExpiredTokenException"):
        await pages_of(source)
    assert len(simulator.calls_of("LookupEvents")) == 2


@pytest.mark.usefixtures("customer")
async def test_credentials_are_kept_until_shortly_before_they_expire(
    source: CloudTrailHistory, simulator: AwsSimulator, turned: TurnedClock
) -> None:
    for _ in range(3):
        await pages_of(source)
    assert len(simulator.calls_of("AssumeRole")) == 1
    turned.now += 3600 - 299
    await pages_of(source)
    assert len(simulator.calls_of("AssumeRole")) == 2


@pytest.mark.usefixtures("customer")
async def test_a_role_that_was_made_anew_is_assumed_anew(source: CloudTrailHistory, simulator: AwsSimulator) -> None:
    """AWS calls the credentials of the old role invalid, long before they expire."""
    await pages_of(source)
    simulator.fail_next("LookupEvents", "UnrecognizedClientException")
    with pytest.raises(AccessDenied):
        await pages_of(source)
    await pages_of(source)
    assert len(simulator.calls_of("AssumeRole")) == 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", AccessDenied),
        ("OptInRequired", AccessDenied),
        ("ThrottlingException", Throttled),
        ("InternalFailure", Unavailable),
        ("ServiceUnavailable", Unavailable),
        ("InvalidTimeRangeException", Rejected),
    ],
)
@pytest.mark.usefixtures("customer")
async def test_refusals_in_our_own_words(
    source: CloudTrailHistory, simulator: AwsSimulator, code: str, kind: type[UpstreamError]
) -> None:
    simulator.fail_next("LookupEvents", code)
    with pytest.raises(kind) as caught:
        await pages_of(source)
    assert caught.value.code == code
    assert ACCOUNT in str(caught.value)
    assert REGION in str(caught.value)


async def test_an_aws_that_is_away(source: CloudTrailHistory, simulator: AwsSimulator) -> None:
    await simulator.stop()
    with pytest.raises(Unavailable, match="AWS did not answer"):
        await pages_of(source)


async def test_without_credentials_of_our_own(
    simulator: AwsSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    nowhere = str(tmp_path_factory.mktemp("nothing") / "file")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, nowhere)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    identity = AwsIdentity(region=REGION, endpoint_url=simulator.url)
    roles = connect_roles(identity, clock=lambda: END)
    with pytest.raises(AccessDenied, match="no AWS credentials of its own"):
        await roles.fetch_principal()


@pytest.mark.usefixtures("customer")
async def test_the_regions_of_an_account(source: CloudTrailHistory) -> None:
    assert await source.fetch_regions(account()) == ("eu-west-1", REGION)


@pytest.mark.usefixtures("customer")
async def test_credentials_that_one_external_id_opened_are_not_anothers(source: CloudTrailHistory) -> None:
    await source.fetch_regions(account())
    with pytest.raises(AccessDenied):
        await source.fetch_regions(account(external_id="a-guess"))


def test_credentials_are_not_shown() -> None:
    shown = repr(Credentials("ASIAEXAMPLE", "the-secret", "the-token", END))
    assert "the-secret" not in shown
    assert "the-token" not in shown


@pytest.mark.parametrize(
    ("arn", "trusted"),
    [
        ("arn:aws:sts::111122223333:assumed-role/worker/i-0abc", "arn:aws:iam::111122223333:role/worker"),
        ("arn:aws-cn:sts::111122223333:assumed-role/worker/x", "arn:aws-cn:iam::111122223333:role/worker"),
        ("arn:aws:iam::111122223333:user/dd0c", "arn:aws:iam::111122223333:user/dd0c"),
    ],
)
def test_what_a_trust_policy_names(arn: str, trusted: str) -> None:
    assert role_arn_of_session(arn) == trusted


class Timeline:
    """A monotonic clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(waits=st.lists(st.tuples(st.sampled_from(["us-east-1", "eu-west-1"]), st.floats(0, 2)), max_size=40))
async def test_never_more_than_two_requests_a_second(waits: list[tuple[str, float]]) -> None:
    time = Timeline()
    pacer = Pacer(LOOKUPS_PER_SECOND, time, time.sleep)
    turns: dict[str, list[float]] = {"us-east-1": [], "eu-west-1": []}
    for region, pause in waits:
        time.now += pause
        await pacer.wait(ACCOUNT, region)
        turns[region].append(time.now)
    for times in turns.values():
        assert all(b - a >= 0.5 - 1e-9 for a, b in pairwise(times))


async def test_regions_and_accounts_do_not_wait_for_each_other() -> None:
    time = Timeline()
    pacer = Pacer(LOOKUPS_PER_SECOND, time, time.sleep)
    for account_id in ("1", "2"):
        for region in ("us-east-1", "eu-west-1"):
            await pacer.wait(account_id, region)
    assert time.now == 0.0
    await pacer.wait("1", "us-east-1")
    assert time.now == 0.5


async def test_the_pace_keeps_aws_from_refusing(simulator: AwsSimulator, customer: SimulatedAccount) -> None:
    """The simulated limit counts on the same time line as the pauses."""
    time = Timeline()
    simulator.lookup_rate, throttle = 2.0, simulator._lookup_events.throttle  # noqa: SLF001 - one clock for both
    throttle.clock = time
    roles = Roles(session_of(simulator.caller), clock=lambda: END, endpoint_url=simulator.url, attempts=1)
    source = CloudTrailHistory(roles, Pacer(LOOKUPS_PER_SECOND, time, time.sleep))
    for _ in range(3):
        assert len(await pages_of(source)) == 4
    assert time.now == pytest.approx(11 * 0.5)
    assert customer.role_exists


async def test_accounts_share_a_client_and_each_call_is_signed_by_its_own_role(
    source: CloudTrailHistory, simulator: AwsSimulator
) -> None:
    simulator.latency = 0.01  # so that calls of all accounts are under way at once
    account_ids = [f"{number:012d}" for number in range(1, 9)]
    for account_id in account_ids:
        made = simulator.add_account(account_id, (REGION,), external_id=EXTERNAL_ID)
        made.record(Records(account_id).at(NOW - 1))

    async def read(account_id: str) -> bytes:
        asked = account(account_id=account_id, role_arn=f"arn:aws:iam::{account_id}:role/dd0c-cost-readonly")
        [[raw]] = [page async for page in source.lookup(asked, REGION, END - HOUR, END)]
        return raw

    for _ in range(2):
        found = await asyncio.gather(*map(read, account_ids))
        for account_id, raw in zip(account_ids, found, strict=True):
            assert f'"recipientAccountId":"{account_id}"'.encode() in raw
    assert len(simulator.calls_of("AssumeRole")) == len(account_ids)


async def test_regions_that_ask_at_once_share_one_assumed_role(
    source: CloudTrailHistory, customer: SimulatedAccount, simulator: AwsSimulator
) -> None:
    await asyncio.gather(pages_of(source), pages_of(source, "eu-west-1"))
    assert customer.role_exists
    assert len(simulator.calls_of("AssumeRole")) == 1


@pytest.mark.usefixtures("customer")
async def test_a_shared_client_never_signs_as_the_bot_itself(simulator: AwsSimulator) -> None:
    roles = Roles(session_of(simulator.caller), clock=lambda: END, endpoint_url=simulator.url, attempts=1)
    async with roles.acting(account(), "cloudtrail", REGION, doing="trying") as client:
        with pytest.raises(LookupError):
            await client._client.lookup_events()  # noqa: SLF001 - exactly what nobody may do
    assert not simulator.calls_of("LookupEvents")


class TestProfiles:
    """The environment's AWS_PROFILE, which may name one that is not there."""

    @pytest.fixture(autouse=True)
    def _named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("AWS_PROFILE", "gone")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))

    def test_one_that_is_not_there_is_named(self) -> None:
        with pytest.raises(InvalidSetting, match=r"profile \(gone\) could not be found\. Mend AWS_PROFILE"):
            open_session(AwsIdentity("us-east-1"))

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "config").write_text("what?\n")
        with pytest.raises(InvalidSetting, match="config"):
            open_session(AwsIdentity("us-east-1"))

    def test_it_does_not_count_where_keys_are_given(self) -> None:
        session = open_session(AwsIdentity("us-east-1", access_key_id="AKIAEXAMPLE", secret_access_key="x"))
        assert session.region_name == "us-east-1"
        assert session.available_profiles == []


def test_sessions_share_what_they_read_of_aws_and_a_folder_of_ones_own_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def descriptions() -> Any:
        core = open_session(AwsIdentity("us-east-1"))._session  # noqa: SLF001 - nothing else tells what it reads
        return core.get_component("data_loader")

    monkeypatch.delenv("AWS_DATA_PATH", raising=False)
    shared = descriptions()
    assert descriptions() is shared
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert str(tmp_path) in descriptions().search_paths
