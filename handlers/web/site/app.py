"""The routes of the pages for who is signed in."""

from aiohttp import web

from engine.roles import Deed
from handlers.web.site.anomaly import AnomalyPage
from handlers.web.site.anomaly_list import AnomalyList
from handlers.web.site.dashboard import Dashboard
from handlers.web.site.frame import ANOMALIES, DASHBOARD, SETTINGS
from handlers.web.site.screen import Screen
from handlers.web.site.services import SiteServices
from handlers.web.site.settings import SettingsPage


def register(app: web.Application, services: SiteServices) -> None:
    """Add the routes."""
    screen = Screen(services.pages, services.viewing)
    anomaly, settings = AnomalyPage(services, screen), SettingsPage(services, screen)
    get, post = app.router.add_get, app.router.add_post
    get(DASHBOARD, screen.page(Dashboard(services, screen).show))
    get(ANOMALIES, screen.page(AnomalyList(services, screen).show))
    get(ANOMALIES + "/{anomaly_id}", screen.page(anomaly.show))
    post(ANOMALIES + "/{anomaly_id}/verdict", screen.form(anomaly.say, Deed.ANSWER))
    get(SETTINGS, screen.page(settings.show))
    post(SETTINGS + "/digest", screen.form(settings.set_digest, Deed.CHANGE_SETTINGS))
    post(SETTINGS + "/mode", screen.form(settings.set_mode, Deed.CHANGE_SETTINGS))
    post(SETTINGS + "/sensitivity", screen.form(settings.set_sensitivity, Deed.CHANGE_SETTINGS))
    post(SETTINGS + "/role", screen.form(settings.set_role, Deed.SET_ROLES))
    post(SETTINGS + "/keys", screen.form(settings.create_key, Deed.CHANGE_SETTINGS))
    post(SETTINGS + "/keys/revoke", screen.form(settings.revoke_key, Deed.CHANGE_SETTINGS))
