"""The settings page and its forms."""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from http import HTTPStatus

from aiohttp import web

from engine.errors import Conflict, InputError, NotFound
from engine.models.api_key import Scope
from engine.models.schedule import DigestRhythm
from engine.models.session import Viewer
from handlers.web.site.frame import SETTINGS
from handlers.web.site.people import find_names
from handlers.web.site.screen import Screen
from handlers.web.site.services import SiteServices
from handlers.web.site.settings_view import LIFETIMES, WEEKDAYS, Known, NewKey, Outcome, settings_view
from handlers.web.site.words import shown
from handlers.web.viewing import redirect
from services.idempotency import bytes_from

_NEWS = {
    "digest": "The digest was changed.",
    "sensitivity": "The sensitivity was changed. It holds for what is found from now on.",
    "mode": "The mode was chosen. It holds for what is found from now on.",
    "role": "The role was set.",
    "revoked": "The key was revoked. Programs that use it are refused from now on.",
}
_LONGEST_NAME = 100
_LONGEST_WORD = 200
_SEED = re.compile(r"[0-9]{1,20}")
_REFUSED = "Nothing was changed. "


class SettingsPage:
    """Shows what is set; each form leads back to the page, with what became of it."""

    def __init__(self, services: SiteServices, screen: Screen) -> None:
        self._services = services
        self._screen = screen

    async def show(self, request: web.Request, viewer: Viewer) -> web.Response:
        """What is set."""
        return await self._show(viewer, Outcome(news=_NEWS.get(request.query.get("done", ""), "")))

    async def set_digest(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Set when the digest comes."""
        form = await _fields(request)
        words = digest_words(form)
        return await self._done(
            viewer, "digest", self._services.digest_settings.change(viewer.tenant_id, viewer.user_id, words)
        )

    async def set_sensitivity(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Set how readily an account, a service or a type alerts."""
        form = await _fields(request)
        options = {name: form[name] for name in ("account", "service", "type") if form.get(name)}
        change = self._services.preferences.settings(
            viewer.tenant_id, ["sensitivity", form.get("level", "")], options, viewer.user_id
        )
        return await self._done(viewer, "sensitivity", change)

    async def set_mode(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Choose strict mode for an account or all, or take that back."""
        form = await _fields(request)
        options = {"account": form["account"]} if form.get("account") else {}
        change = self._services.preferences.settings(
            viewer.tenant_id, ["mode", form.get("mode", "")], options, viewer.user_id
        )
        return await self._done(viewer, "mode", change)

    async def set_role(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Give somebody of Slack a role."""
        form = await _fields(request)
        words = [form.get("user", "").upper(), form.get("role", "")]
        return await self._done(viewer, "role", self._services.roles.roles(viewer.tenant_id, viewer.user_id, words))

    async def create_key(self, request: web.Request, viewer: Viewer) -> web.Response:
        """Make a key and show it once. The form sent again shows the same key, and makes none."""
        form = await request.post()
        name = str(form.get("name", "")).strip()[:_LONGEST_NAME]
        scopes = [one for one in Scope if one.value in form.getall("scope", [])]
        seed, days = str(form.get("seed", "")), str(form.get("days", ""))
        if not (name and scopes and _SEED.fullmatch(seed) and days in LIFETIMES):
            return await self._refuse(viewer, "A key needs a name, and at least one of read and write.")
        secret = hmac.digest(viewer.secret.encode(), f"key {seed}".encode(), "sha256")
        lifetime = timedelta(days=int(days)) if days else None
        key, row = await self._services.keys.create(
            viewer.tenant_id, name, scopes, lifetime, by=viewer.user_id, random_bytes=bytes_from(secret)
        )
        return await self._show(viewer, Outcome(new_key=NewKey(key, shown(row.name))))

    async def revoke_key(self, request: web.Request, viewer: Viewer) -> web.Response:
        """End a key; one that is ended already stays so."""
        form = await _fields(request)
        change = self._services.keys.revoke(viewer.tenant_id, form.get("key_id", ""), by=viewer.user_id)
        try:
            return await self._done(viewer, "revoked", change)
        except NotFound:
            return await self._refuse(viewer, "No key of that id works any more.")

    async def _done(self, viewer: Viewer, news: str, change: Awaitable[object]) -> web.Response:
        try:
            await change
        except (InputError, Conflict) as error:
            return await self._refuse(viewer, str(error))
        return redirect(f"{SETTINGS}?done={news}")

    async def _refuse(self, viewer: Viewer, why: str) -> web.Response:
        return await self._show(viewer, Outcome(trouble=_REFUSED + why), HTTPStatus.BAD_REQUEST)

    async def _show(self, viewer: Viewer, outcome: Outcome, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
        known, now = await self._read(viewer.tenant_id), self._services.clock()
        seed = str(round(now.timestamp() * 1e6))
        view = settings_view(known, viewer.role, seed, outcome, now)
        return self._screen.show("settings", viewer, SETTINGS, view, status)

    async def _read(self, tenant_id: str) -> Known:
        services = self._services
        tenant, preferences, routes, keys, plan = await asyncio.gather(
            services.tenants.find_tenant(tenant_id),
            services.preferences.settings(tenant_id, (), {}),
            services.routing.report(tenant_id),
            services.keys.find_all(tenant_id),
            services.plans.report(tenant_id),
        )
        names = await find_names(services.users, tenant_id, [tenant.installer_user_id, *tenant.roles])
        return Known(tenant=tenant, preferences=preferences, routes=routes, keys=keys, plan=plan, names=names)


def digest_words(form: Mapping[str, str]) -> list[str]:
    """What somebody would say behind ``/dd0c digest``.

    >>> digest_words({"rhythm": "weekly", "at": "09:00", "zone": "UTC", "weekday": "4"})
    ['weekly', '09:00', 'UTC', 'Friday']
    """
    rhythm = form.get("rhythm", "")
    if rhythm == DigestRhythm.OFF.value:
        return [rhythm]
    said = [rhythm, form.get("at", ""), form.get("zone", "")]
    weekday = form.get("weekday", "")
    if rhythm == DigestRhythm.WEEKLY.value and weekday.isascii() and weekday.isdecimal():
        said.append(WEEKDAYS[int(weekday[:3]) % len(WEEKDAYS)])
    return [said[0], *(word for word in said[1:] if word)]


async def _fields(request: web.Request) -> Mapping[str, str]:
    """The texts of a form, trimmed; files among them are nothing we ask for."""
    form = await request.post()
    return {name: value.strip()[:_LONGEST_WORD] for name, value in form.items() if isinstance(value, str)}
