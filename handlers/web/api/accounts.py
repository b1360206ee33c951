"""AWS accounts."""

from collections.abc import Sequence
from http import HTTPStatus

from pydantic import Field

from engine.models.account import AccountStatus, AwsAccount, GovernanceMode
from engine.models.api_key import Scope
from engine.roles import Deed
from handlers.web.api.models import AccountId, Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices

PATH = "/v1/accounts"
_TAG = "accounts"


class Account(Model):
    """A connected AWS account. Its external id is for its role's trust policy alone, and not shown here."""

    account_id: AccountId
    name: str
    status: AccountStatus
    status_detail: str = Field(description="Why it is not watched, or what is under way; empty when all is well.")
    role_arn: str
    regions: list[str]
    mode: GovernanceMode
    mode_set_by: str = Field(description="Who chose the mode; empty where it is the default.")
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


def account_of(account: AwsAccount) -> Account:
    """Show an account."""
    times = [one.last_record_time for one in account.cursors if one.last_record_time is not None]
    return Account(
        account_id=account.account_id,
        name=account.name,
        status=account.status,
        status_detail=account.status_detail,
        role_arn=account.role_arn,
        regions=list(account.regions),
        mode=account.mode,
        mode_set_by=account.mode_set_by,
        connected_at=account.connected_at,
        last_record_time=max(times, default=None),
        records_read=account.records_read,
        records_malformed=account.records_malformed,
    )


async def list_accounts(services: ApiServices, call: Call[Nothing, Nothing]) -> AccountList:
    """Give them all: a tenant has tens of them, not thousands."""
    found = await services.accounts.find_accounts(call.tenant_id)
    return AccountList(accounts=[account_of(one) for one in found])


async def get_account(services: ApiServices, call: Call[AccountPath, Nothing]) -> Account:
    """Give one."""
    return account_of(await services.accounts.find_account(call.tenant_id, call.params.account_id))


async def delete_account(services: ApiServices, call: Call[AccountPath, Nothing]) -> Account:
    """Stop watching at once; the data goes within hours. Whoever says it again is told the same."""
    account_id = call.params.account_id
    await services.departures.disconnect(call.tenant_id, call.subject, [account_id, account_id])
    return account_of(await services.accounts.find_account(call.tenant_id, account_id))


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
