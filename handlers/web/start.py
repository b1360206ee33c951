"""The wizard: connect AWS, connect Slack, done. It does what ``/dd0c connect`` does, and works without scripts."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web

from engine.customer_role import role_arn
from engine.errors import Conflict, InputError, PlanLimit
from engine.models.account import AccountStatus, AwsAccount
from engine.models.connection import RoleProblem, RoleRefused
from engine.models.session import Viewer
from engine.roles import Deed, may
from handlers.web.following import Following
from handlers.web.pages import Pages
from handlers.web.plans import CHECKOUT
from handlers.web.progress import coded, progress, standing, waiting
from handlers.web.site.frame import START, frame_of
from handlers.web.slack_install import INSTALL
from handlers.web.stopping import Stops
from handlers.web.viewing import Handler, Viewing, redirect
from services.onboarding import Onboarding
from services.ports import Accounts, Clock, Tenants
from services.rate_limits import RateLimits
from services.reports import Reports

ACCOUNT = START + "/{account_id:[0-9]{12}}"
_PROBLEMS_SHOWN = 8
_LONGEST_ARN = 600


class WizardParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the routes call. ``looks`` bounds how often a role is tried; ``installable`` says whether a workspace can
    add the app itself."""

    pages: Pages
    viewing: Viewing
    onboarding: Onboarding
    accounts: Accounts
    tenants: Tenants
    reports: Reports
    looks: RateLimits
    clock: Clock
    installable: bool


def register(app: web.Application, parts: WizardParts) -> None:
    """Add the routes; only who may connect an account comes in."""
    wizard = _Wizard(parts)
    app.router.add_get(START, wizard.page(wizard.show_account), allow_head=False)
    app.router.add_post(START, wizard.form(wizard.take_account))
    app.router.add_get(ACCOUNT, wizard.page(wizard.show_role), allow_head=False)
    app.router.add_post(ACCOUNT, wizard.form(wizard.take_role))
    app.router.add_post(ACCOUNT + "/look", wizard.form(wizard.look))
    app.router.add_get(ACCOUNT + "/slack", wizard.page(wizard.show_slack), allow_head=False)
    app.router.add_get(ACCOUNT + "/done", wizard.page(wizard.show_done), allow_head=False)
    app.router.add_get(ACCOUNT + "/progress", wizard.page(wizard.tell_progress), allow_head=False)


class _Wizard:
    def __init__(self, parts: WizardParts) -> None:
        self._parts = parts
        self._following = Following(parts.pages)
        self._stops = Stops(parts.pages)

    def page(self, handle: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A page of the wizard."""

        async def guarded(request: web.Request, viewer: Viewer) -> web.StreamResponse:
            if not may(viewer.role, Deed.CONNECT):
                return self._stops.not_allowed(viewer, Deed.CONNECT)
            return await handle(request, viewer)

        return self._stops.guarding(self._parts.viewing.page(guarded))

    def form(self, handle: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A form of the wizard."""
        return self._stops.guarding(self._parts.viewing.form(handle, Deed.CONNECT))

    async def show_account(self, _request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """The first step: which account."""
        return await self._ask_for_account(viewer)

    async def take_account(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """Give the account its external id, and go on."""
        given = "".join(str((await request.post()).get("account_id", ""))[:40].replace("-", "").split())
        try:
            await self._parts.onboarding.set_up(viewer.tenant_id, given)
        except PlanLimit as error:
            return self._stops.beyond_plan(str(error), CHECKOUT)
        except (InputError, Conflict) as error:
            return await self._ask_for_account(viewer, given, str(error))
        return redirect(f"{START}/{given}")

    async def _ask_for_account(self, viewer: Viewer, given: str = "", trouble: str = "") -> web.Response:
        accounts = await self._parts.accounts.find_accounts(viewer.tenant_id)
        return self._html(
            viewer,
            "start_account",
            HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK,
            given=given,
            trouble=coded(trouble),
            accounts=[(one.account_id, one.name, standing(one), _next_step(one), _stays(one)) for one in accounts],
        )

    async def show_role(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """Still the first step: the role that this account needs."""
        account = await self._account(request, viewer)
        if account.status in (AccountStatus.LEARNING, AccountStatus.ACTIVE):
            return redirect(f"{START}/{account.account_id}/slack")
        return await self._ask_for_role(viewer, account)

    async def take_role(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """Prove the role, and go on, or say what is wrong with it."""
        account = await self._account(request, viewer)
        role = str((await request.post()).get("role_arn", "")).strip()[:_LONGEST_ARN]
        try:
            refused = await self._prove(viewer, account, role)
        except PlanLimit as error:
            return self._stops.beyond_plan(str(error), CHECKOUT)
        except (InputError, Conflict) as error:
            return await self._ask_for_role(viewer, account, role, str(error))
        if refused:
            return await self._ask_for_role(viewer, account, role, problems=refused)
        return redirect(f"{START}/{account.account_id}/slack")

    async def look(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """Answer the script: is the role there by now? Whoever has no scripts presses a button instead."""
        account = await self._account(request, viewer)
        try:
            refused = await self._prove(viewer, account, role_arn(account.account_id))
        except (InputError, Conflict) as error:
            return web.json_response({"said": str(error)})
        if refused:
            return web.json_response({"said": waiting(refused[0])})
        return web.json_response({"next": f"{START}/{account.account_id}/slack"})

    async def _prove(self, viewer: Viewer, account: AwsAccount, role: str) -> tuple[RoleProblem, ...]:
        """Give what is wrong; nothing where the account is watched, or its history is being read already."""
        if account.status in (AccountStatus.LEARNING, AccountStatus.ACTIVE) and account.paused_at is None:
            return ()
        if wait := self._parts.looks.take(viewer.tenant_id):
            raise InputError(f"That was tried very often. Wait {wait} s.")
        outcome = await self._parts.onboarding.connect(viewer.tenant_id, account.account_id, role, viewer.user_id)
        return outcome.check.problems[:_PROBLEMS_SHOWN] if isinstance(outcome, RoleRefused) else ()

    async def _ask_for_role(
        self,
        viewer: Viewer,
        account: AwsAccount,
        role: str = "",
        trouble: str = "",
        problems: tuple[RoleProblem, ...] = (),
    ) -> web.Response:
        setup = await self._parts.onboarding.set_up(viewer.tenant_id, account.account_id)
        return self._html(
            viewer,
            "start_role",
            HTTPStatus.UNPROCESSABLE_ENTITY if trouble or problems else HTTPStatus.OK,
            setup=setup,
            role=role,
            trouble=coded(trouble),
            problems=[(coded(one.text), coded(one.hint)) for one in problems],
            script=self._following.script,
        )

    async def show_slack(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """The second step: where alerts go."""
        account = await self._account(request, viewer)
        tenant = await self._parts.tenants.find_tenant(viewer.tenant_id)
        return self._html(
            viewer,
            "start_slack",
            account_id=account.account_id,
            connected=tenant.installed_at is not None or not self._parts.installable,
            team=tenant.team_name,
            has_channel=bool(tenant.alert_channel_id),
            install_url=f"{INSTALL}?team={tenant.team_id}" if tenant.team_id else INSTALL,
        )

    async def show_done(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """The last step: what is watched."""
        health = await self._parts.reports.account(viewer.tenant_id, request.match_info["account_id"])
        told = progress(health, self._parts.clock())
        return self._html(viewer, "start_done", health=health, progress=told, script=self._following.script)

    async def tell_progress(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        """Answer the script: how far is the history?"""
        health = await self._parts.reports.account(viewer.tenant_id, request.match_info["account_id"])
        return web.json_response(msgspec.structs.asdict(progress(health, self._parts.clock())))

    async def _account(self, request: web.Request, viewer: Viewer) -> AwsAccount:
        return await self._parts.accounts.find_account(viewer.tenant_id, request.match_info["account_id"])

    def _html(self, viewer: Viewer, name: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> web.Response:
        html = self._parts.pages.render(name, frame=frame_of(viewer, START), **values)
        return web.Response(status=status, text=html, headers=self._following.headers)


def _stays(account: AwsAccount) -> bool:
    return account.status is not AccountStatus.DISCONNECTING


def _next_step(account: AwsAccount) -> str:
    settled = account.status in (AccountStatus.LEARNING, AccountStatus.ACTIVE)
    return f"{START}/{account.account_id}" + ("/done" if settled else "")
