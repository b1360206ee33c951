"""Which channel takes which cards, as a tenant's people set it."""

import asyncio
from collections.abc import Sequence

import msgspec

from engine.command_line.route import RouteWords, parse_budget, parse_route
from engine.errors import AccessDenied, InputError, InvalidCommand, Rejected
from engine.models.account import AccountStatus, AwsAccount, Tenant
from engine.models.audit import AuditAction, AuditRecord
from engine.models.routing import Route, RouteRow, RoutesReport
from engine.routing import DEFAULT_BUDGET, MOST_BUDGET, MOST_ROUTES, budget_of
from services.account_names import choose_accounts
from services.ports import Accounts, Clock, Messages, Tenants
from services.refusals import what_to_do
from services.workspaces import Workspaces


class Routing:
    """Reads and changes routes. A route is set only when a first line could be posted in its channel."""

    def __init__(
        self, *, tenants: Tenants, accounts: Accounts, messages: Messages, workspaces: Workspaces, clock: Clock
    ) -> None:
        self._tenants = tenants
        self._accounts = accounts
        self._messages = messages
        self._workspaces = workspaces
        self._clock = clock

    async def report(self, tenant_id: str) -> RoutesReport:
        """Where cards go."""
        tenant, accounts = await asyncio.gather(
            self._tenants.find_tenant(tenant_id), self._accounts.find_accounts(tenant_id)
        )
        names = {one.account_id: one.name for one in accounts}
        lost = frozenset(tenant.lost_channel_ids)
        return RoutesReport(
            alert_channel_id=tenant.alert_channel_id,
            installer_user_id=tenant.installer_user_id,
            alert_budget=budget_of(tenant),
            rows=tuple(
                RouteRow(route=one, account_name=names.get(one.account_id, ""), is_lost=one.channel_id in lost)
                for one in sorted(
                    tenant.routes, key=lambda one: (not one.account_id, one.account_id, str(one.severity))
                )
            ),
            accounts=tuple((one.account_id, one.name) for one in accounts if _stays(one)),
            is_default_lost=tenant.alert_channel_id in lost,
        )

    async def route(self, tenant_id: str, user_id: str, words: Sequence[str], account: str = "") -> RoutesReport:
        """Show all routes, or change one as the words say. Raises InvalidCommand for words that are not understood."""
        if not words and not account:
            return await self.report(tenant_id)
        asked = parse_route(words, account)
        if asked.is_default:
            return await self.choose(tenant_id, user_id, Route(channel_id=asked.channel_id))
        account_id = await self._account_id(tenant_id, asked)
        route = Route(channel_id=asked.channel_id, account_id=account_id, severity=asked.severity)
        return await (self.choose if asked.channel_id else self.remove)(tenant_id, user_id, route)

    async def choose(self, tenant_id: str, user_id: str, route: Route) -> RoutesReport:
        """Send the cards of a route's case to its channel; without an account and a severity, all others.

        Raises InputError, with what to do, when the channel does not take a first line, or there are too many routes.
        """
        if route.case == ("", None):
            await self._workspaces.choose_channel(tenant_id, route.channel_id, user_id)
            return await self._told(tenant_id, changed=route)
        if not route.channel_id:
            raise InputError("Choose one of your channels.")
        await self._require_connected(tenant_id, route.account_id)
        tenant = await self._tenants.find_tenant(tenant_id)
        if len({*(one.case for one in tenant.routes), route.case}) > MOST_ROUTES:
            raise InputError(f"There can be {MOST_ROUTES} routes. Take one away that is not needed any more.")
        await self._try(tenant, user_id, route)
        await self._tenants.save_route(tenant_id, route, self._record(user_id, route, route.channel_id))
        await self._tenants.regain_channel(tenant_id, route.channel_id)
        return await self._told(tenant_id, changed=route)

    async def remove(self, tenant_id: str, user_id: str, route: Route) -> RoutesReport:
        """Take the route of this case away. Raises InputError when there is none."""
        tenant = await self._tenants.find_tenant(tenant_id)
        if route.case not in {one.case for one in tenant.routes}:
            raise InputError("There is no such route. `/dd0c settings route` lists what there is.")
        await self._tenants.delete_route(tenant_id, route, self._record(user_id, route, "off"))
        return await self._told(tenant_id, removed=route)

    async def set_budget(self, tenant_id: str, user_id: str, words: Sequence[str]) -> RoutesReport:
        """Set how many cards a channel takes a day. Raises InvalidCommand for words that say no number."""
        budget = parse_budget(words, MOST_BUDGET, DEFAULT_BUDGET)
        details: dict[str, str | int] = {"setting": "alert budget", "to": budget}
        await self._tenants.save_alert_budget(tenant_id, budget, self._changed(user_id, details))
        return await self.report(tenant_id)

    async def _account_id(self, tenant_id: str, asked: RouteWords) -> str:
        """The account that is meant; a route of one that is gone can be named by its digits."""
        if not asked.account:
            return ""
        tenant = await self._tenants.find_tenant(tenant_id)
        if not asked.channel_id and asked.account in {one.account_id for one in tenant.routes}:
            return asked.account
        staying = [one for one in await self._accounts.find_accounts(tenant_id) if _stays(one)]
        try:
            return choose_accounts(staying, asked.account)[0].account_id
        except InvalidCommand as error:
            raise InvalidCommand(f"{error} A severity is `critical` or `warning`.") from None

    async def _require_connected(self, tenant_id: str, account_id: str) -> None:
        """A form may have been open for as long as it took to disconnect what was chosen in it."""
        accounts = await self._accounts.find_accounts(tenant_id)
        if account_id and account_id not in {one.account_id for one in accounts if _stays(one)}:
            raise InputError(
                f"AWS account {account_id[:20]} is not connected, so no card comes of it. `/dd0c accounts` lists those "
                "that are."
            )

    async def _try(self, tenant: Tenant, user_id: str, route: Route) -> None:
        row = await self._row(tenant.tenant_id, route)
        try:
            await self._messages.try_channel(tenant.tenant_id, route.channel_id, user_id, row)
        except (Rejected, AccessDenied) as error:
            raise InputError(what_to_do(route.channel_id, error)) from error

    async def _told(
        self, tenant_id: str, *, changed: Route | None = None, removed: Route | None = None
    ) -> RoutesReport:
        return msgspec.structs.replace(
            await self.report(tenant_id),
            changed=changed and await self._row(tenant_id, changed),
            removed=removed and await self._row(tenant_id, removed),
        )

    async def _row(self, tenant_id: str, route: Route) -> RouteRow:
        accounts = await self._accounts.find_accounts(tenant_id)
        names = {one.account_id: one.name for one in accounts}
        return RouteRow(route=route, account_name=names.get(route.account_id, ""))

    def _record(self, user_id: str, route: Route, to: str) -> AuditRecord:
        severity = route.severity.value if route.severity else ""
        details: dict[str, str | int] = {"setting": "route", "severity": severity, "to": to}
        return self._changed(user_id, details, route.account_id)

    def _changed(self, user_id: str, details: dict[str, str | int], account_id: str = "") -> AuditRecord:
        return AuditRecord(
            at=self._clock(),
            action=AuditAction.SETTING_CHANGED,
            actor=user_id,
            account_id=account_id,
            details=details,
        )


def _stays(account: AwsAccount) -> bool:
    return account.status is not AccountStatus.DISCONNECTING
