"""An issuer of OpenID Connect: the authorization code flow with PKCE, and proof of what comes back."""

import base64
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import aiohttp
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError

from clients.identity.keys import Description, IssuerKeys
from clients.identity.web import fetch_json
from engine.errors import AccessDenied, UpstreamError
from engine.models.session import SignedIn

_log = logging.getLogger(__name__)
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # None of them takes a key that anybody could know.
_PROOF = "email_verified"
_ABOUT = ("name", "email", _PROOF)
_PROVEN = (True, "true")  # Cognito and Apple write it in quotes.
_LONGEST_EMAIL = 320
_IN_FORM = "client_secret_post"
_LEEWAY_SECONDS = 60
_TEAM = "https://slack.com/team_id"
_ORGANISATION = "https://slack.com/enterprise_id"


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """What an issuer knows us by. ``return_url`` is where it sends browsers back to."""

    client_id: str
    client_secret: str
    return_url: str
    scope: str = "openid profile email"

    def __repr__(self) -> str:
        """Leave the secret out."""
        return f"Client({self.client_id!r})"


class OpenIdProvider:
    """Reads the issuer's own description first; what it says is kept for an hour."""

    def __init__(
        self, session: aiohttp.ClientSession, issuer: str, client: Client, clock: Callable[[], datetime]
    ) -> None:
        self._session = session
        self._issuer = issuer
        self._client = client
        self._clock = clock
        self._keys = IssuerKeys(session, issuer, clock)

    async def authorize_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in. Raises UpstreamError."""
        described = await self._keys.describe()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.return_url,
            "scope": self._client.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{described.authorization_endpoint}?{urlencode(asked)}"

    async def redeem(self, *, code: str, nonce: str, verifier: str) -> SignedIn:
        """Who came back with this code. Raises AccessDenied for a code or token that proves nothing, UpstreamError."""
        described = await self._keys.describe()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.return_url,
            "code_verifier": verifier,
        }
        proof = _proof(self._client, described.token_endpoint_auth_methods_supported)
        answer = await fetch_json(
            self._session, "POST", described.token_endpoint, data=form | proof.form, headers=proof.headers
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise AccessDenied("The provider did not accept the sign-in. Try again.", code="no_id_token")
        claims = await self._verified(token, nonce, described.issuer)
        return _who(self._issuer, {**await self._said_besides(described, answer, claims), **claims})

    async def _said_besides(
        self, described: Description, answer: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Name and e-mail, which some issuers leave out of the token and tell at an address of their own.

        Where that does not answer, nothing is taken as proven. Its proof counts for the address that it names itself.
        """
        access_token = answer.get("access_token")
        if {"email", _PROOF} <= set(claims) or not described.userinfo_endpoint or not isinstance(access_token, str):
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        try:
            said = await fetch_json(self._session, "GET", described.userinfo_endpoint, headers=headers)
        except UpstreamError as error:
            _log.warning("the issuer does not say who signed in: %s", error)
            return {}
        told = {name: said[name] for name in _ABOUT if name in said} if said.get("sub") == claims["sub"] else {}
        if claims.get("email", told.get("email")) != told.get("email"):
            told.pop(_PROOF, None)
        return told

    async def _verified(self, token: str, nonce: str, issuer: str) -> Mapping[str, Any]:
        """The claims of a token that this issuer signed, for us, now, for this very sign-in.

        Its name counts as it writes it itself, with or without a slash at the end.
        """
        now = int(self._clock().timestamp())
        try:
            decoded = jwt.decode(token, await self._keys.find(token), algorithms=_ALGORITHMS)
            jwt.JWTClaimsRegistry(
                now=now,
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": issuer},
                aud={"essential": True, "value": self._client.client_id},
                exp={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise AccessDenied("The provider's answer proves nothing. Sign in again.", code="bad_id_token") from error
        azp = decoded.claims.get("azp", self._client.client_id)
        if azp != self._client.client_id:
            raise AccessDenied("The provider's answer is for somebody else. Sign in again.", code="bad_id_token")
        return decoded.claims


class _Proof(msgspec.Struct, frozen=True):
    """How we show the issuer who asks."""

    form: dict[str, str] = {}
    headers: dict[str, str] = {}


def _proof(client: Client, accepted: Sequence[str]) -> _Proof:
    """In the form where the issuer takes that, for it needs no encoding that others understand differently."""
    if _IN_FORM in accepted:
        return _Proof(form={"client_id": client.client_id, "client_secret": client.client_secret})
    user, password = quote_plus(client.client_id), quote_plus(client.client_secret)
    return _Proof(headers={"Authorization": aiohttp.encode_basic_auth(user, password)})


def _who(issuer: str, claims: Mapping[str, Any]) -> SignedIn:
    subject = str(claims["sub"])
    email = str(claims.get("email") or "")
    teams = (claims.get(_ORGANISATION), claims.get(_TEAM))
    return SignedIn(
        issuer=issuer,
        subject=subject,
        name=str(claims.get("name") or claims.get("email") or subject)[:200],
        email=email[:_LONGEST_EMAIL],
        # What is cut off could be the rest of another domain.
        has_proven_email=claims.get(_PROOF) in _PROVEN and len(email) <= _LONGEST_EMAIL,
        team_ids=tuple(str(team) for team in teams if team),
    )
