"""A simulated Slack workspace: Web API, people who click, and a page to look at."""

from demo.slack_workspace.errors import NoSuchElementError
from demo.slack_workspace.workspace import SlackWorkspace

__all__ = ["NoSuchElementError", "SlackWorkspace"]
