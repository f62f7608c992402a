"""Tokens from the command line: `python -m infra.tokens --stage prod issue --name build-7`.

A token is printed once and kept nowhere; the table holds its hash. Needs AWS credentials that may
read and write the stage's tables of tokens and of the audit trail.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.callers import SYSTEM
from infra.stage import enter

_CALLER = SYSTEM.coming("command")


def main() -> None:
    """Issue, list, rotate or revoke tokens."""
    wanted = _parser().parse_args()
    enter(wanted.stage)

    from chalicelib.services.errors import Conflict, InvalidInput, NotFound  # these need the stage

    try:
        _ACTIONS[wanted.action](vars(wanted))
    except (Conflict, InvalidInput, NotFound) as error:
        sys.exit(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True, help="such as dev or prod")
    actions = parser.add_subparsers(dest="action", required=True)
    issue = actions.add_parser("issue", help="give a program a token")
    issue.add_argument("--name", required=True, help="who will use it, for the audit trail")
    issue.add_argument("--role", default="agent", help="agent, reviewer, lead, operator or auditor")
    issue.add_argument("--scope", action="append", help="a scope that it reaches; all unless given")
    issue.add_argument("--expires-at", help="when it ends, such as 2027-01-31T00:00:00Z")
    actions.add_parser("list", help="say what each token may do")
    rotate = actions.add_parser("rotate", help="replace a token by a new one")
    rotate.add_argument("token_id")
    rotate.add_argument(
        "--overlap-seconds", type=int, default=0, help="how long the old one goes on"
    )
    revoke = actions.add_parser("revoke", help="make a token worthless")
    revoke.add_argument("token_id")
    return parser


def _issue(wanted: Mapping[str, Any]) -> None:
    from chalicelib.services import tokens

    body = {name: wanted[name] for name in ("name", "role", "expires_at")}
    body["scopes"] = wanted["scope"] or ["*"]
    token, granted = tokens.issue_token(body, _CALLER, datetime.now(UTC))
    _tell(token, granted.token_id)


def _list(wanted: Mapping[str, Any]) -> None:
    from chalicelib.services import tokens
    from chalicelib.services.listing import MAX_LIMIT, Wanted

    cursor, first = None, True
    while first or cursor:
        found = tokens.list_tokens(Wanted(MAX_LIMIT, cursor), _CALLER)
        for each in found.items:
            end = f", until {each.expires_at:%Y-%m-%d %H:%M} UTC" if each.expires_at else ""
            print(f"{each.token_id}  {each.role} {each.name} of {', '.join(each.scopes)}{end}")
        cursor, first = found.next_cursor, False


def _rotate(wanted: Mapping[str, Any]) -> None:
    from chalicelib.services import tokens

    body = {"overlap_seconds": wanted["overlap_seconds"]}
    now = datetime.now(UTC)
    token, granted = tokens.rotate_token(wanted["token_id"], body, _CALLER, now)
    _tell(token, granted.token_id)


def _revoke(wanted: Mapping[str, Any]) -> None:
    from chalicelib.services import tokens

    tokens.revoke_token(wanted["token_id"], _CALLER, datetime.now(UTC))
    print("Revoked.")


def _tell(token: str, token_id: str) -> None:
    """The token alone on the standard output, so that a script can take it from there."""
    print(f"{token_id}: keep this token, it is told once", file=sys.stderr)
    print(token)


_ACTIONS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "issue": _issue,
    "list": _list,
    "rotate": _rotate,
    "revoke": _revoke,
}

if __name__ == "__main__":
    main()
