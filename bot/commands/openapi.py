"""``dd0c openapi``"""

import json

import click

from handlers.web.api.openapi import document
from handlers.web.api.table import ROUTES


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the REST API, as a running bot serves it at /v1/openapi.json."""
    click.echo(json.dumps(document(ROUTES), indent=2))
