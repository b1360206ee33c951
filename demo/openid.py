"""A simulated issuer of OpenID Connect: its description, its keys, a page on which somebody signs in, and its tokens.

``faults`` lets a test have it lie: what is in there replaces claims of the next token, a None takes the claim away.
``odd_keys`` stand among its keys, and ``said_subject`` is whom it speaks of where it is asked who signed in.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import unquote_plus, urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

_TOKEN_SECONDS = 300


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in, with all claims there are about them."""

    subject: str
    name: str
    claims: dict[str, str | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Grant:
    """What somebody agreed to; the code for it is good once."""

    person: Person
    client_id: str
    redirect_uri: str
    nonce: str
    challenge: str


class OpenIdIssuer:
    """``prefix`` stands before its paths, and ``people`` says who may sign in at this moment."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        people: Callable[[], list[Person]],
        *,
        prefix: str = "/openid/connect",
        now: Callable[[], float] = time.time,
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.base_url = ""
        self.faults: dict[str, Any] = {}
        self.key_requests = 0
        self.odd_keys: list[Any] = []
        self.said_subject = ""
        # As Slack says it of itself.
        self.proofs = ["client_secret_post", "client_secret_basic"]
        self._people = people
        self._prefix = prefix
        self._now = now
        self._grants: dict[str, Grant] = {}
        self._signed_in: dict[str, Person] = {}
        self._key = _new_key()

    def change_key(self) -> None:
        """Sign with another key from now on; the old one is known no more."""
        self._key = _new_key()

    def add_routes(self, app: web.Application) -> None:
        """Add its four addresses."""
        app.router.add_get("/.well-known/openid-configuration", self._describe)
        app.router.add_get(f"{self._prefix}/keys", self._keys)
        app.router.add_get(f"{self._prefix}/authorize", self._show)
        app.router.add_post(f"{self._prefix}/authorize", self._agree)
        app.router.add_post(f"{self._prefix}/token", self._token)
        app.router.add_get(f"{self._prefix}/userInfo", self._say_who)

    def agree(self, asked: dict[str, str], subject: str) -> str:
        """Sign in at the page with this query; returns where the browser goes."""
        person = next(one for one in self._people() if one.subject == subject)
        code = secrets.token_hex(16)
        challenge = asked.get("code_challenge", "")
        self._grants[code] = Grant(person, asked["client_id"], asked["redirect_uri"], asked.get("nonce", ""), challenge)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked.get('state', '')})}"

    async def _describe(self, _request: web.Request) -> web.Response:
        place = f"{self.base_url}{self._prefix}"
        return web.json_response(
            {
                "issuer": self.base_url,
                "authorization_endpoint": f"{place}/authorize",
                "token_endpoint": f"{place}/token",
                "jwks_uri": f"{place}/keys",
                "userinfo_endpoint": f"{place}/userInfo",
                "token_endpoint_auth_methods_supported": self.proofs,
            }
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        self.key_requests += 1
        return web.json_response({"keys": [*self.odd_keys, self._key.as_dict(private=False)]})

    async def _show(self, request: web.Request) -> web.Response:
        if request.query.get("client_id") != self.client_id:
            raise web.HTTPBadRequest(text="invalid_client_id")
        options = "".join(f'<option value="{escape(p.subject)}">{escape(p.name)}</option>' for p in self._people())
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title><h1>Simulated sign-in</h1>'
            f'<form method="post"><label>You are <select name="person">{options}</select></label> '
            "<button>Sign in</button></form></html>"
        )
        return web.Response(text=page, content_type="text/html")

    async def _agree(self, request: web.Request) -> web.Response:
        chosen = str((await request.post()).get("person"))
        raise web.HTTPFound(self.agree(dict(request.query), chosen))

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        if "client_secret_post" not in self.proofs:
            form |= _in_header(request)
        grant = self._grants.pop(str(form.get("code")), None)
        if grant is None or not self._is_known(form, grant):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self._now())
        claims: dict[str, Any] = {
            "iss": self.base_url,
            "sub": grant.person.subject,
            "aud": grant.client_id,
            "iat": now,
            "exp": now + _TOKEN_SECONDS,
            "nonce": grant.nonce,
            "name": grant.person.name,
            **grant.person.claims,
            **self.faults,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": self._key.kid}
        access_token = secrets.token_hex(8)
        self._signed_in[access_token] = grant.person
        return web.json_response(
            {
                "ok": True,
                "access_token": access_token,
                "token_type": "Bearer",
                "id_token": jwt.encode(header, told, self._key),
            }
        )

    async def _say_who(self, request: web.Request) -> web.Response:
        person = self._signed_in.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if person is None:
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response({"sub": self.said_subject or person.subject, "name": person.name, **person.claims})

    def _is_known(self, form: Any, grant: Grant) -> bool:
        verifier = str(form.get("code_verifier", "")).encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        return bool(
            form.get("client_id") == self.client_id
            and form.get("client_secret") == self.client_secret
            and form.get("redirect_uri") == grant.redirect_uri
            and challenge == grant.challenge
        )


def _in_header(request: web.Request) -> dict[str, str]:
    """The client's id and secret, where they come by HTTP's basic authentication."""
    given = request.headers.get("Authorization", "").removeprefix("Basic ")
    user, _, password = base64.b64decode(given).decode().partition(":")
    return {"client_id": unquote_plus(user), "client_secret": unquote_plus(password)}


def _new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})
