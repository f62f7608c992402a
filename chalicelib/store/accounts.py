"""The reviewers' accounts in the Cognito user pool."""

import base64
import json
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from chalicelib.settings import deployment

_REFUSED = {"NotAuthorizedException", "UserNotFoundException", "PasswordResetRequiredException"}


@cache
def _cognito() -> Any:
    return boto3.client("cognito-idp")


def groups_of(username: str, password: str) -> list[str] | None:
    """The groups of the user whom this password lets in; None when it lets nobody in.

    The token comes from Cognito itself over TLS, so its claims are read without a check.
    """
    try:
        answer = _cognito().initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=deployment().user_pool_client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _REFUSED:
            return None
        raise
    if "AuthenticationResult" not in answer:  # a new password or a second factor is asked for
        return None
    claims = answer["AuthenticationResult"]["IdToken"].split(".")[1]
    padded = claims + "=" * (-len(claims) % 4)
    return list(json.loads(base64.urlsafe_b64decode(padded)).get("cognito:groups", []))
