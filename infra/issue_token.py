"""Give a program a token: `python -m infra.issue_token --stage prod --name build-7`.

It is printed once and kept nowhere; the table holds its hash. Needs AWS credentials that may write
to the stage's tokens table.
"""

import argparse
import os
import secrets
from typing import get_args

_BYTES = 32


def main() -> None:
    """Issue a token, or revoke one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True, help="such as dev or prod")
    parser.add_argument("--name", help="who will use it, for the audit trail")
    parser.add_argument("--role", default="agent", help="agent, reviewer or operator")
    parser.add_argument(
        "--scope", action="append", help="a scope that it reaches; all unless given"
    )
    parser.add_argument("--revoke", metavar="TOKEN", help="make this token worthless instead")
    wanted = parser.parse_args()
    os.environ["PRECEDENT_STAGE"] = wanted.stage

    from chalicelib.store import tokens  # the tables' names depend on the stage

    if wanted.revoke:
        tokens.revoke(wanted.revoke)
        print("Revoked.")
        return
    if not wanted.name:
        parser.error("--name is needed to issue a token")
    if wanted.role not in get_args(tokens.Role) or wanted.role == tokens.SYSTEM.role:
        parser.error("--role must be agent, reviewer or operator")
    # The random part may begin with a hyphen, which `--revoke` would take for an option.
    token = f"precedent_{secrets.token_urlsafe(_BYTES)}"
    scopes = wanted.scope or [tokens.EVERY_SCOPE]
    tokens.issue(token, tokens.Caller(name=wanted.name, role=wanted.role, scopes=scopes))
    print(token)


if __name__ == "__main__":
    main()
