"""Check that nobody has tampered with the audit trail: `python -m infra.verify_audit --stage prod`.

Reads each scope's trail from its first entry to its last, and names the first that was altered,
removed or moved. Ends with 1 if there is any. Needs AWS credentials that may read the
stage's tables.
"""

import argparse
import sys

from infra.stage import enter


def main() -> None:
    """Verify the trails of some scopes, or of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True, help="such as dev or prod")
    parser.add_argument("--scope", action="append", help="a scope to verify; all unless given")
    wanted = parser.parse_args()
    enter(wanted.stage)

    from chalicelib.services import operate  # the tables' names depend on the stage
    from chalicelib.store import audit

    broken = False
    for scope in wanted.scope or audit.scopes():
        entries, bad_link = operate.verify_trail(scope)
        broken = broken or bad_link is not None
        print(f"{scope}: {bad_link.reason if bad_link else f'{entries:,} entries, whole'}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
