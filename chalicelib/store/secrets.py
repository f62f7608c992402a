"""The key that signs cursors and sessions, from Secrets Manager."""

from aws_lambda_powertools.utilities import parameters

from chalicelib.settings import deployment

_SECONDS_CACHED = 3600


def signing_key() -> str:
    """The stage's signing key."""
    return str(parameters.get_secret(deployment().secret, max_age=_SECONDS_CACHED))
