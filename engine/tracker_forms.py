"""Reading what an admin writes about the system that holds tickets."""

import re
from collections.abc import Callable, Mapping

from engine.models.ticket import Tracker, TrackerKind, TrackerPlace
from engine.public_addresses import is_public

BASE_URL, PROJECT, LOGIN, TOKEN = "base_url", "project", "login", "token"
USUAL_URLS = {
    TrackerKind.JIRA: "",
    TrackerKind.GITHUB: "https://api.github.com",
    TrackerKind.LINEAR: "https://api.linear.app",
}
_URL = re.compile(
    r"(https?)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?((?:/[A-Za-z0-9._~-]{1,100}){0,8})/?"
)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}", re.IGNORECASE)
_LOCAL_NAME = re.compile(r"(?:.*\.)?(?:localhost|local|internal|localdomain|home\.arpa)\.?|[^.]*", re.IGNORECASE)
_JIRA_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,19}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.\.?$)[A-Za-z0-9._-]{1,100}")
_TEAM_KEY = re.compile(r"[A-Z0-9]{1,10}")
_EMAIL = re.compile(r"[^@\s:]{1,100}@[^@\s:]{1,150}")
_TOKEN = re.compile(r"[!-~]{8,2000}")


def read_tracker(
    kind: TrackerKind, values: Mapping[str, str], *, local: bool = False
) -> tuple[Tracker | None, dict[str, str]]:
    """Make a tracker of a form's fields; without one, say under which field what is wrong. No error quotes a token.

    ``local`` lets addresses of this machine and network, and plain http, pass: for development.

    >>> read_tracker(TrackerKind.LINEAR, {"project": "OPS", "token": "lin_api_123456"})[0].place.base_url
    'https://api.linear.app'
    >>> read_tracker(TrackerKind.GITHUB, {"project": "acme", "token": "ghp_123456"})[1]
    {'project': 'Give owner/name, as in the address of the repository.'}
    """
    given = {name: value.strip() for name, value in values.items()}
    url = given.get(BASE_URL) or USUAL_URLS[kind]
    login = given.get(LOGIN, "") if kind is TrackerKind.JIRA else ""
    read_project, wrong_project = _PROJECTS[kind]
    project = read_project(given.get(PROJECT, ""))
    errors = wrong_url(url, local=local)
    if not project:
        errors |= {PROJECT: wrong_project}
    if kind is TrackerKind.JIRA and not _EMAIL.fullmatch(login):
        errors |= {LOGIN: "Give the e-mail address of the account that the token belongs to."}
    if not _TOKEN.fullmatch(given.get(TOKEN, "")):
        errors |= {TOKEN: "Paste the token as it was shown: 8 characters or more, without spaces."}
    if errors:
        return None, errors
    place = TrackerPlace(kind=kind, base_url=url.rstrip("/"), project=project, login=login)
    return Tracker(place=place, token=given[TOKEN]), {}


def wrong_url(url: str, *, local: bool) -> dict[str, str]:
    """Say what is wrong about an address that the bot is to call. A name that leads to a private address is seen later.

    >>> wrong_url("https://acme.atlassian.net", local=False)
    {}
    >>> wrong_url("https://169.254.169.254/latest", local=False)["base_url"]
    'This address leads into a private network.'
    """
    parts = _URL.fullmatch(url)
    if parts is None:
        return {BASE_URL: "Give an https:// address without user, ? and #, such as https://acme.atlassian.net."}
    if local:
        return {}
    if parts[1] != "https":
        return {BASE_URL: "Only https:// addresses are called: the token would be read on the way."}
    return {BASE_URL: "This address leads into a private network."} if _is_private(parts[2]) else {}


def _is_private(host: str) -> bool:
    """Whether a host is no public one. Numbers in other writings than usual lead where nobody expects it."""
    try:
        return not is_public(host.strip("[]"))
    except ValueError:
        return bool(_NUMERIC.fullmatch(host.rstrip(".")) or _LOCAL_NAME.fullmatch(host))


def _matching(pattern: re.Pattern[str], change: Callable[[str], str] = str) -> Callable[[str], str]:
    return lambda text: change(text) if pattern.fullmatch(change(text)) else ""


_PROJECTS: Mapping[TrackerKind, tuple[Callable[[str], str], str]] = {
    TrackerKind.JIRA: (
        _matching(_JIRA_KEY, str.upper),
        "Give the project's key: the letters before a ticket's number.",
    ),
    TrackerKind.GITHUB: (_matching(_REPOSITORY), "Give owner/name, as in the address of the repository."),
    TrackerKind.LINEAR: (_matching(_TEAM_KEY, str.upper), "Give the team's key: the letters before an issue's number."),
}
