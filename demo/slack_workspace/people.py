"""Web API: auth.test, team.info and users.*"""

from demo.slack_workspace.context import Answer, Context, Endpoint
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.models import User
from demo.slack_workspace.params import Params, page_of

USERS_PAGE = 200
MAX_USERS_PAGE = 1000
TEAMS_PAGE = 100
MAX_TEAMS_PAGE = 1000


def auth_test(context: Context, _params: Params) -> Answer:
    """Say whose token this is."""
    state = context.state
    return {
        "url": f"https://{state.team_name}.slack.example/",
        "team": state.team_name,
        "user": state.bot.name,
        "team_id": state.team_id,
        "user_id": state.bot.user_id,
        "bot_id": state.bot_id,
        "is_enterprise_install": bool(state.enterprise_id),
        **({"enterprise_id": state.enterprise_id} if state.enterprise_id else {}),
    }


def auth_teams_list(context: Context, params: Params) -> Answer:
    """List the workspaces that the app was approved for."""
    teams = [context.state.team_id, *context.state.sister_teams]
    page, cursor = page_of(teams, params, TEAMS_PAGE, MAX_TEAMS_PAGE)
    return {
        "teams": [{"id": team_id, "name": team_id.lower()} for team_id in page],
        "response_metadata": {"next_cursor": cursor},
    }


def team_info(context: Context, _params: Params) -> Answer:
    """Describe the workspace."""
    state = context.state
    return {"team": {"id": state.team_id, "name": state.team_name, "domain": state.team_name}}


def _shown(context: Context, user: User) -> Answer:
    return user.to_slack(with_email="users:read.email" in context.state.scopes)


def users_info(context: Context, params: Params) -> Answer:
    """Describe one person."""
    return {"user": _shown(context, context.state.user(params.get("user")))}


def users_list(context: Context, params: Params) -> Answer:
    """List everybody, the bot included."""
    page, cursor = page_of(list(context.state.users.values()), params, USERS_PAGE, MAX_USERS_PAGE)
    return {
        "members": [_shown(context, user) for user in page],
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(context: Context, params: Params) -> Answer:
    """Find a person by mail address."""
    wanted = str(params.get("email") or "").lower()
    for user in context.state.users.values():
        if wanted and user.email.lower() == wanted and not user.deleted:
            return {"user": _shown(context, user)}
    raise SlackError("users_not_found")


METHODS = {
    "auth.test": Endpoint(auth_test),
    "auth.teams.list": Endpoint(auth_teams_list),
    "team.info": Endpoint(team_info, ("team:read",)),
    "users.info": Endpoint(users_info, ("users:read",)),
    "users.list": Endpoint(users_list, ("users:read",)),
    "users.lookupByEmail": Endpoint(lookup_by_email, ("users:read.email",)),
}
