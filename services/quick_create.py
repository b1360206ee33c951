"""The link that opens CloudFormation with everything filled in."""

from urllib.parse import quote

STACK_NAME = "dd0c-cost-readonly"
_REGION = "us-east-1"


def quick_create_url(template_url: str, *, external_id: str, principal_arn: str, role_name: str) -> str:
    """Give a link to a page where nothing is left but to press a button; empty where no template is published.

    Whoever opens it can change every value, so what came of it is proved afterwards.
    """
    if not template_url:
        return ""
    values = {
        "templateURL": template_url,
        "stackName": STACK_NAME,
        "param_ExternalId": external_id,
        "param_PrincipalArn": principal_arn,
        "param_RoleName": role_name,
    }
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
    return (
        f"https://{_REGION}.console.aws.amazon.com/cloudformation/home?region={_REGION}#/stacks/create/review?{query}"
    )
