"""Web API: views.* and what happens to modals and Home tabs."""

from typing import Any

from demo.slack_workspace.blocks import view_problems
from demo.slack_workspace.context import Answer, Context, Endpoint
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.models import View
from demo.slack_workspace.params import Params
from demo.slack_workspace.state import WorkspaceState, with_ids

MAX_STACK = 3


def checked_view(payload: object, kind: str) -> dict[str, Any]:
    """Return a view that keeps Block Kit's rules, or refuse with `invalid_arguments`."""
    problems = view_problems(payload)
    if problems or not isinstance(payload, dict):
        raise SlackError("invalid_arguments", problems or ["[ERROR] missing required field: view"])
    if payload["type"] != kind:
        message = f"[ERROR] view type must be {kind} [json-pointer:/view/type]"
        raise SlackError("invalid_arguments", [message])
    return payload


def new_view(state: WorkspaceState, user_id: str, payload: dict[str, Any]) -> View:
    """Put a view on a person's screen."""
    view = View(
        view_id=state.next_id("V"),
        user_id=user_id,
        payload={**payload, "blocks": with_ids(payload["blocks"], state.next_id)},
        hash=_next_hash(state),
        team_id=state.team_id,
        app_id=state.app_id,
        bot_id=state.bot_id,
    )
    state.views[view.view_id] = view
    state.touch()
    return view


def replace_view(state: WorkspaceState, view: View, payload: dict[str, Any]) -> None:
    """Show other content in a view that is open already."""
    view.payload = {**payload, "blocks": with_ids(payload["blocks"], state.next_id)}
    view.hash = _next_hash(state)
    state.touch()


def push_view(state: WorkspaceState, below: View, payload: dict[str, Any]) -> View:
    """Put a modal on top of another one, three deep at most."""
    if stack_depth(state, below) >= MAX_STACK:
        raise SlackError("push_limit_reached")
    view = new_view(state, below.user_id, payload)
    view.previous_view_id = below.view_id
    view.root_view_id = below.root_view_id or below.view_id
    return view


def stack_depth(state: WorkspaceState, view: View) -> int:
    """Return how many modals lie on each other up to this one."""
    below = state.views.get(view.previous_view_id or "")
    return 1 + (stack_depth(state, below) if below else 0)


def top_modal(state: WorkspaceState, user_id: str) -> View | None:
    """Return the modal a person has in front of them."""
    is_home = {view.view_id for view in state.homes.values()}
    mine = [v for v in state.views.values() if v.user_id == user_id and v.is_open]
    return next((view for view in reversed(mine) if view.view_id not in is_home), None)


def _next_hash(state: WorkspaceState) -> str:
    return f"{int(state.clock())}.{state.next_id('h')}"


def _check_hash(view: View, params: Params) -> None:
    if params.get("hash") and params["hash"] != view.hash:
        raise SlackError("hash_conflict")


def _refuse_duplicate(state: WorkspaceState, payload: dict[str, Any]) -> None:
    wanted = payload.get("external_id")
    if wanted and any(v.is_open and v.payload.get("external_id") == wanted for v in state.views.values()):
        raise SlackError("duplicate_external_id")


def open_modal(context: Context, params: Params) -> Answer:
    """Open a modal for the person whose trigger this is."""
    payload = checked_view(params.get("view"), "modal")
    _refuse_duplicate(context.state, payload)
    user_id = context.triggers.redeem(params.get("trigger_id") or params.get("interactivity_pointer"))
    return {"view": new_view(context.state, user_id, payload).to_slack()}


def push(context: Context, params: Params) -> Answer:
    """Put a modal on top of the one the person has open."""
    payload = checked_view(params.get("view"), "modal")
    _refuse_duplicate(context.state, payload)
    user_id = context.triggers.redeem(params.get("trigger_id"))
    below = top_modal(context.state, user_id)
    if below is None:
        raise SlackError("not_found")
    return {"view": push_view(context.state, below, payload).to_slack()}


def _find_open(state: WorkspaceState, params: Params) -> View:
    view = state.views.get(str(params.get("view_id")))
    external_id = params.get("external_id")
    if view is None and external_id:
        same = [v for v in state.views.values() if v.payload.get("external_id") == external_id]
        view = next((v for v in same if v.is_open), None)
    if view is None or not view.is_open:
        raise SlackError("not_found")
    return view


def update(context: Context, params: Params) -> Answer:
    """Change a modal that is open."""
    payload = checked_view(params.get("view"), "modal")
    view = _find_open(context.state, params)
    _check_hash(view, params)
    replace_view(context.state, view, payload)
    return {"view": view.to_slack()}


def publish(context: Context, params: Params) -> Answer:
    """Set one person's Home tab."""
    payload = checked_view(params.get("view"), "home")
    user = context.state.user(params.get("user_id"))
    view = context.state.homes.get(user.user_id)
    if view is None:
        view = new_view(context.state, user.user_id, payload)
        context.state.homes[user.user_id] = view
    else:
        _check_hash(view, params)
        replace_view(context.state, view, payload)
    return {"view": view.to_slack()}


METHODS = {
    "views.open": Endpoint(open_modal),
    "views.push": Endpoint(push),
    "views.update": Endpoint(update),
    "views.publish": Endpoint(publish),
}
