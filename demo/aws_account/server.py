"""The simulated AWS: one address for every service, told apart by the scope of the signature."""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from demo.aws_account import cost_explorer, ec2, estate
from demo.aws_account.account import AwsAccount
from demo.aws_account.credentials import Caller, CredentialStore, Session
from demo.aws_account.errors import (
    AwsError,
    Protocol,
    access_denied,
    expired_credentials,
    invalid_credentials,
    planned_error,
)
from demo.aws_account.lookup_events import LookupEvents
from demo.aws_account.regions import DEFAULT_REGIONS
from demo.aws_account.sts import Sts
from demo.aws_account.throttle import Clock, Throttle
from demo.aws_account.wire import Answer, SignedCall, Tree, parse_call, render_answer, render_error

HUB_ACCOUNT = "999988887777"
"""The AWS account the bot itself runs in; customers' roles trust it."""


@dataclass(frozen=True)
class Call:
    """One call that arrived, whatever became of it. `account_id` is None where the caller was unknown."""

    service: str
    operation: str
    account_id: str | None
    region: str
    params: Mapping[str, Any]
    time: float


@dataclass
class _PlannedFailure:
    operation: str
    error: AwsError
    times: int
    account_id: str | None

    def concerns(self, call: Call) -> bool:
        return self.times > 0 and self.operation == call.operation and self.account_id in {None, call.account_id}


@dataclass
class AwsSimulator:
    """A small AWS on 127.0.0.1. Start it, add accounts, and point `AWS_ENDPOINT_URL` at `url`.

    `clock` gives epoch seconds for records, sessions and tokens; the request limit counts in seconds of
    `throttle_clock` (the same clock if None), `lookup_rate` a second for each account and Region, None
    for no limit. `latency` and `delivery_delay` are seconds. Memory stays within `max_records` for each
    account and Region and `max_calls` remembered calls.
    """

    clock: Clock = time.time
    latency: float = 0.0
    delivery_delay: float = 0.0
    lookup_rate: float | None = 2.0
    throttle_clock: Clock | None = None
    token_seconds: float = 3600.0
    page_overlap: int = 0
    max_records: int = 20_000
    max_calls: int = 10_000
    port: int = 0
    accounts: dict[str, AwsAccount] = field(default_factory=dict, init=False)
    calls: deque[Call] = field(init=False)
    caller: Caller = field(init=False)
    _credentials: CredentialStore = field(default_factory=CredentialStore, init=False, repr=False)
    _failures: list[_PlannedFailure] = field(default_factory=list, init=False, repr=False)
    _runner: web.AppRunner | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Put the services together; nothing listens yet."""
        self.calls = deque(maxlen=self.max_calls)
        self.caller = self.add_caller(HUB_ACCOUNT, "dd0c-hub")
        throttle = Throttle(lambda: self.lookup_rate, self.throttle_clock or self.clock)
        self._sts = Sts(self.accounts, self._credentials, self.clock)
        self._lookup_events = LookupEvents(throttle, self.clock, lambda: self.token_seconds, lambda: self.page_overlap)

    @property
    def url(self) -> str:
        """Where it listens, for `AWS_ENDPOINT_URL`."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """The variables that let any AWS SDK call this server as the bot's own user."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.caller.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.caller.secret_access_key,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    async def start(self) -> None:
        """Listen on 127.0.0.1, on a free port unless `port` names one."""
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port; what the accounts hold stays."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def add_account(
        self,
        account_id: str,
        regions: Sequence[str] = DEFAULT_REGIONS,
        role_name: str = "dd0c-cost-readonly",
        external_id: str | None = None,
        alias: str | None = None,
    ) -> AwsAccount:
        """Create a customer's account whose role trusts the hub account, given the external id if not None."""
        account = AwsAccount(
            account_id=account_id,
            regions=tuple(regions),
            role_name=role_name,
            external_id=external_id,
            trusted_account=HUB_ACCOUNT,
            alias=alias,
            clock=self.clock,
            delivery_delay=lambda: self.delivery_delay,
            max_records=self.max_records,
        )
        self.accounts[account_id] = account
        return account

    def add_caller(self, account_id: str, user_name: str, *, may_read: bool = False) -> Caller:
        """Create another user with an access key, for example in an account that no role trusts.

        One that ``may_read`` may do in its own account what the bot's role may do there.
        """
        return self._credentials.add_caller(account_id, user_name, may_read=may_read)

    def deactivate(self, caller: Caller) -> None:
        """Let the access key of a user open nothing any more, as IAM does at the push of a button."""
        self._credentials.deactivate(caller)

    def fail_next(self, operation: str, error: AwsError | str, times: int = 1, account_id: str | None = None) -> None:
        """Answer the next `times` calls of an operation (in one account) with an error, or the one of that code."""
        planned = planned_error(error) if isinstance(error, str) else error
        self._failures.append(_PlannedFailure(operation, planned, times, account_id))

    def recover(self) -> None:
        """Let no failure that was planned come any more."""
        self._failures.clear()

    def calls_of(self, operation: str) -> list[Call]:
        """The remembered calls of one operation, oldest first."""
        return [call for call in self.calls if call.operation == operation]

    async def _handle(self, request: web.Request) -> web.Response:
        if self.latency:
            await asyncio.sleep(self.latency)
        answer = self._answer(request.headers, await request.read(), request.path)
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)

    def _answer(self, headers: Mapping[str, str], body: bytes, path: str) -> Answer:
        request_id = str(uuid.uuid4())
        protocol = Protocol.JSON if "X-Amz-Target" in headers else Protocol.QUERY
        try:
            call = parse_call(headers, body, path)
            protocol = call.protocol
            return render_answer(call, self._perform(call), request_id)
        except AwsError as error:
            return render_error(protocol, error, request_id)

    def _perform(self, call: SignedCall) -> Tree:
        principal = self._credentials.find(call.access_key_id, call.session_token)
        self._raise_planned(self._remember(call, principal))
        if principal is None:
            raise invalid_credentials(call.protocol)
        if isinstance(principal, Session) and principal.expired(self.clock()):
            raise expired_credentials(call.protocol)
        if call.service == "sts":
            return self._perform_sts(call, principal)
        return self._perform_in_account(call, self._authorized(call, principal))

    def _perform_sts(self, call: SignedCall, principal: Caller | Session) -> Tree:
        match call.operation:
            case "AssumeRole":
                return self._sts.assume_role(call, principal)
            case "GetCallerIdentity":
                return self._sts.get_caller_identity(call, principal)
        raise _unknown(call)

    def _perform_in_account(self, call: SignedCall, account: AwsAccount) -> Tree:
        match call.action:
            case "cloudtrail:LookupEvents":
                return self._lookup_events.answer(call, account)
            case "ec2:DescribeRegions":
                return ec2.describe_regions(call, account)
            case "ec2:DescribeInstances":
                return ec2.describe_instances(call, account, self.clock())
            case "ce:GetCostAndUsage" | "ce:GetCostForecast" | "ce:GetAnomalies":
                return cost_explorer.answer(call, account)
            case "iam:ListAccountAliases":
                aliases = [account.alias] if account.alias else []
                return {"AccountAliases": {"member": aliases}, "IsTruncated": "false"}
        held = estate.answer(call, account.estate)
        if held is None:
            raise _unknown(call)
        return held

    def _authorized(self, call: SignedCall, principal: Caller | Session) -> AwsAccount:
        """The account somebody works in, once its role still exists and may do this in this Region."""
        if isinstance(principal, Session):
            account, is_there = principal.account, principal.account.role_exists
        elif principal.may_read:
            account, is_there = self.accounts[principal.account_id], True
        else:
            raise access_denied(call.protocol, principal.arn, call.action)
        if call.service not in {"iam", "ce"} and call.region not in account.regions:
            raise invalid_credentials(call.protocol)
        if not is_there or call.action in account.denied:
            raise access_denied(call.protocol, principal.arn, call.action)
        return account

    def _remember(self, call: SignedCall, principal: Caller | Session | None) -> Call:
        account_id = principal.account.account_id if isinstance(principal, Session) else None
        if isinstance(principal, Caller):
            account_id = principal.account_id
        remembered = Call(call.service, call.operation, account_id, call.region, call.params, self.clock())
        self.calls.append(remembered)
        return remembered

    def _raise_planned(self, call: Call) -> None:
        for failure in self._failures:
            if failure.concerns(call):
                failure.times -= 1
                raise failure.error
        self._failures = [failure for failure in self._failures if failure.times > 0]


def _unknown(call: SignedCall) -> AwsError:
    if call.protocol is Protocol.JSON:
        return AwsError("UnknownOperationException", f"{call.action} is not simulated", 400)
    return AwsError("InvalidAction", f"The action {call.action} is not simulated", 400)
