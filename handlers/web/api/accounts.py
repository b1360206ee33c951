"""AWS accounts."""

from collections.abc import Sequence
from http import HTTPStatus

from pydantic import Field

from engine.access_keys import key_name
from engine.models.account import AccountStatus, AwsAccount, GovernanceMode
from engine.models.api_key import Scope
from engine.modes import ModeInForce
from engine.roles import Deed
from handlers.web.api.models import AccountId, Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from services.modes import ModeChoice

PATH = "/v1/accounts"
_TAG = "accounts"


class Account(Model):
    """A connected AWS account. Its external id is for its role's trust policy alone, and not shown here."""

    account_id: AccountId
    name: str
    status: AccountStatus
    status_detail: str = Field(description="Why AWS does not let us in, or what is under way; else empty.")
    paused_at: Moment | None = Field(description="Since when the plan does not cover it, so that it is not watched.")
    role_arn: str = Field(description="The role by which it is read; empty where an access key opens it.")
    access_key: str = Field(description="The access key by which it is read, as `access key ...ABCD`; else empty.")
    regions: list[str]
    mode: GovernanceMode = Field(description="The mode that holds.")
    mode_set_by: str = Field(description="Who chose strict mode, for it or for all; empty where nobody did.")
    mode_by_policy: bool = Field(description="Whether the operator's policy makes it strict.")
    connected_at: Moment
    last_record_time: Moment | None = Field(description="The newest CloudTrail record that polling has seen.")
    records_read: int
    records_malformed: int


class AccountList(Model):
    """All accounts, by connection time."""

    accounts: list[Account]


class AccountPath(Model):
    """One account."""

    account_id: AccountId


class ModeChange(Model):
    """`strict`: nobody is told of anything any more. `default` takes that back, and loosens nothing besides."""

    mode: ModeChoice


def account_of(account: AwsAccount, mode: ModeInForce) -> Account:
    """Show an account."""
    times = [one.last_record_time for one in account.cursors if one.last_record_time is not None]
    return Account(
        account_id=account.account_id,
        name=account.name,
        status=account.status,
        status_detail=account.status_detail,
        paused_at=account.paused_at,
        role_arn="" if account.access_key_id else account.role_arn,
        access_key=key_name(account.access_key_id) if account.access_key_id else "",
        regions=list(account.regions),
        mode=mode.mode,
        mode_set_by=mode.set_by,
        mode_by_policy=mode.by_policy,
        connected_at=account.connected_at,
        last_record_time=max(times, default=None),
        records_read=account.records_read,
        records_malformed=account.records_malformed,
    )


async def list_accounts(services: ApiServices, call: Call[Nothing, Nothing]) -> AccountList:
    """Give them all: a tenant has tens of them, not thousands."""
    return await _list(services, call.tenant_id)


async def _list(services: ApiServices, tenant_id: str) -> AccountList:
    found = await services.accounts.find_accounts(tenant_id)
    modes = await services.preferences.modes.in_force(tenant_id, found)
    return AccountList(accounts=[account_of(*one) for one in zip(found, modes, strict=True)])


async def get_account(services: ApiServices, call: Call[AccountPath, Nothing]) -> Account:
    """Give one."""
    return await _show(services, call.tenant_id, call.params.account_id)


async def _show(services: ApiServices, tenant_id: str, account_id: str) -> Account:
    account = await services.accounts.find_account(tenant_id, account_id)
    [mode] = await services.preferences.modes.in_force(tenant_id, [account])
    return account_of(account, mode)


async def change_account(services: ApiServices, call: Call[AccountPath, ModeChange]) -> Account:
    """Make one account stricter than it is, or take that back."""
    account_id = call.params.account_id
    await services.preferences.modes.choose_for(call.tenant_id, account_id, call.subject, call.body.mode)
    return await _show(services, call.tenant_id, account_id)


async def change_accounts(services: ApiServices, call: Call[Nothing, ModeChange]) -> AccountList:
    """Do so with all of them, also those that are connected later."""
    await services.preferences.modes.choose(call.tenant_id, call.subject, call.body.mode)
    return await _list(services, call.tenant_id)


async def delete_account(services: ApiServices, call: Call[AccountPath, Nothing]) -> Account:
    """Stop watching at once; the data goes within hours. Whoever says it again is told the same."""
    account_id = call.params.account_id
    await services.departures.disconnect(call.tenant_id, call.subject, [account_id, account_id])
    return await _show(services, call.tenant_id, account_id)


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=PATH,
        summary="List the connected AWS accounts.",
        handle=list_accounts,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        answer=AccountList,
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{account_id}}",
        summary="Show one AWS account.",
        handle=get_account,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=AccountPath,
        answer=Account,
    ),
    Route(
        method="PATCH",
        path=PATH,
        summary="Choose strict mode for all AWS accounts, or take that back; nothing can be made looser.",
        handle=change_accounts,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        body=ModeChange,
        answer=AccountList,
    ),
    Route(
        method="PATCH",
        path=f"{PATH}/{{account_id}}",
        summary="Choose strict mode for one AWS account, or take that back; nothing can be made looser.",
        handle=change_account,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        params=AccountPath,
        body=ModeChange,
        answer=Account,
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{account_id}}",
        summary="Disconnect an AWS account: watching ends at once, all its data is deleted within 72 hours.",
        handle=delete_account,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.DISCONNECT,
        params=AccountPath,
        answer=Account,
        status=HTTPStatus.ACCEPTED,
    ),
)
