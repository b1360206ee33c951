"""Keys with which programs speak to the API."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from engine.models.api_key import ApiKey, Scope
from engine.roles import Deed
from handlers.web.api.models import Model, Moment, Nothing
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices
from handlers.web.problems import Problem
from services.idempotency import bytes_from

_PATH = "/v1/api-keys"
_TAG = "api-keys"


class KeyPath(Model):
    """One key, by the part of it that may be shown."""

    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class NewKey(Model):
    """What a key is for, and what it may do: at most what the key that makes it may."""

    name: Annotated[
        str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,100}$", description="1 to 100 characters on one line.")
    ]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class KeyShown(Model):
    """A key without its secret: of that only a hash is kept."""

    key_id: str
    name: str
    scopes: list[Scope]
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None = Field(description="To the hour.")
    revoked_at: Moment | None


class KeyList(Model):
    """All keys, oldest first, with those that were revoked."""

    api_keys: list[KeyShown]


class KeyMade(Model):
    """A new key. `key` is shown now and never again."""

    key: str
    api_key: KeyShown


async def list_api_keys(services: ApiServices, call: Call[Nothing, Nothing]) -> KeyList:
    """Give them all."""
    return KeyList(api_keys=[_shown(one) for one in await services.keys.find_all(call.tenant_id)])


async def create_api_key(services: ApiServices, call: Call[Nothing, NewKey]) -> KeyMade:
    """Make one. It may not do more than who makes it."""
    asked = call.body
    if missing := sorted(set(asked.scopes) - call.identity.scopes):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"{call.subject} has not the scope `{missing[0]}` itself.",
            "Ask whoever runs the bot for such a key: `dd0c keys create`.",
        )
    lifetime = timedelta(days=asked.expires_in_days) if asked.expires_in_days else None
    key, row = await services.keys.create(
        call.tenant_id, asked.name, asked.scopes, lifetime, by=call.subject, random_bytes=bytes_from(call.seed)
    )
    return KeyMade(key=key, api_key=_shown(row))


async def revoke_api_key(services: ApiServices, call: Call[KeyPath, Nothing]) -> None:
    """End it at once and for good."""
    await services.keys.revoke(call.tenant_id, call.params.key_id, by=call.subject)


def _shown(one: ApiKey) -> KeyShown:
    return KeyShown(
        key_id=one.key_id,
        name=one.name,
        scopes=list(one.scopes),
        created_at=one.created_at,
        expires_at=one.expires_at,
        last_used_at=one.last_used_at,
        revoked_at=one.revoked_at,
    )


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=_PATH,
        summary="List the API keys.",
        handle=list_api_keys,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.CHANGE_SETTINGS,
        answer=KeyList,
    ),
    Route(
        method="POST",
        path=_PATH,
        summary="Make an API key, and show it once.",
        handle=create_api_key,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        body=NewKey,
        answer=KeyMade,
        status=HTTPStatus.CREATED,
    ),
    Route(
        method="DELETE",
        path=f"{_PATH}/{{key_id}}",
        summary="Revoke an API key.",
        handle=revoke_api_key,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.CHANGE_SETTINGS,
        params=KeyPath,
    ),
)
