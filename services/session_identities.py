"""People at the REST API, by the session of their browser."""

from collections.abc import Mapping

from engine.models.account import Role
from engine.models.api_key import Scope
from engine.models.identity import Identity
from services.sessions import Sessions, is_own_form

CSRF_HEADER = "X-CSRF-Token"
_SCOPES = {
    Role.VIEWER: frozenset({Scope.READ}),
    Role.RESPONDER: frozenset({Scope.READ, Scope.WRITE}),
    Role.ADMIN: frozenset({Scope.READ, Scope.WRITE}),
}


class SessionIdentities:
    """A browser sends its cookie with whatever page asks it to, so a header must come along that only ours can send."""

    def __init__(self, sessions: Sessions, cookie_name: str) -> None:
        self._sessions = sessions
        self._cookie_name = cookie_name

    async def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Give who is signed in. Raises UpstreamError when the database is away."""
        cookie = _cookie(headers.get("Cookie", ""), self._cookie_name)
        token = headers.get(CSRF_HEADER, "")
        viewer = await self._sessions.find_viewer(cookie) if cookie and token else None
        if viewer is None or not is_own_form(viewer, token):
            return None
        return Identity(
            tenant_id=viewer.tenant_id,
            subject=viewer.user_id,
            role=viewer.role,
            scopes=_SCOPES[viewer.role],
            credential=viewer.secret,
        )


def _cookie(header: str, name: str) -> str:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return next((value for key, _, value in pairs if key == name), "")
