"""What is kept in Secrets Manager: the stage's signing key, and what other tools sign with."""

from urllib.parse import quote

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

from chalicelib.settings import deployment

_SECONDS_CACHED = 3600
_WEBHOOK_SECONDS_CACHED = 300


def signing_key() -> str:
    """The stage's signing key."""
    return str(parameters.get_secret(deployment().secret, max_age=_SECONDS_CACHED))


def webhook_secret_name(source: str, scope: str) -> str:
    """The name of the secret that a tool signs with what it sends to a scope."""
    # A secret's name may hold fewer characters than a scope's.
    return f"precedent-{deployment().stage}-webhook-{source}-{quote(scope).replace('%', '+')}"


def webhook_secret(source: str, scope: str) -> str | None:
    """What a tool signs with what it sends to a scope, None where nobody has agreed on it."""
    name = webhook_secret_name(source, scope)
    try:
        return str(parameters.get_secret(name, max_age=_WEBHOOK_SECONDS_CACHED))
    except GetParameterError as error:
        if _is_absent(error.__context__):
            return None
        raise


def _is_absent(error: BaseException | None) -> bool:
    return isinstance(error, ClientError) and (
        error.response["Error"]["Code"] == "ResourceNotFoundException"
    )
