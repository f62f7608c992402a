"""Keep what another tool signs with: `python -m infra.webhook_secret --stage prod --source jira`.

The secret is read from the terminal without showing it, or from a pipe; PagerDuty shows it when the
subscription is made, for Jira you choose it. Needs AWS credentials that may write secrets.
"""

import argparse
import getpass
import os
import sys
from typing import Any

import boto3

from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.formats.tickets import SOURCES

_SIGNING = [name for name, source in SOURCES.items() if source.signature]


def keep(secrets_manager: Any, name: str, secret: str) -> None:
    """Keep a secret under a name, in place of an older one."""
    try:
        secrets_manager.put_secret_value(SecretId=name, SecretString=secret)
    except secrets_manager.exceptions.ResourceNotFoundException:
        secrets_manager.create_secret(
            Name=name, SecretString=secret, Description="Signs what another tool sends to Precedent"
        )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Keep what another tool signs with.")
    parser.add_argument("--stage", required=True, help="such as dev or prod")
    parser.add_argument("--source", required=True, choices=_SIGNING, help="the tool")
    parser.add_argument("--scope", default=DEFAULT_SCOPE, help="where its incidents go")
    wanted = parser.parse_args()
    os.environ["PRECEDENT_STAGE"] = wanted.stage

    from chalicelib.store.secrets import webhook_secret_name  # it depends on the stage

    terminal = sys.stdin.isatty()
    secret = (getpass.getpass("Secret: ") if terminal else sys.stdin.readline()).strip()
    if not secret:
        parser.error("no secret was given")
    name = webhook_secret_name(wanted.source, wanted.scope)
    keep(boto3.client("secretsmanager"), name, secret)
    print(f"Kept as {name}; known everywhere within five minutes.")


if __name__ == "__main__":
    main()
