"""Take a person out of all that is kept: `python -m infra.erase --stage prod "Ann Smith"`.

Ask once for each name that the person goes by: as they write it, and as they sign in. Remove their
account from the user pool and revoke their tokens first. Needs AWS credentials that may scan and
write the stage's tables, and delete versions of the bucket's objects. See `docs/retention.md`.
"""

import argparse
import sys
from datetime import UTC, datetime

from chalicelib.core.callers import SYSTEM
from infra.stage import enter


def main() -> None:
    """Erase a name, and say in how many things it stood."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True, help="such as dev or prod")
    parser.add_argument("name", help="a name that the person goes by, in whatever case")
    wanted = parser.parse_args()
    enter(wanted.stage)

    from chalicelib.services import erase  # the tables' names depend on the stage
    from chalicelib.services.errors import Conflict, InvalidInput

    try:
        pseudonym, done = erase.erase(wanted.name, SYSTEM.coming("command"), datetime.now(UTC))
    except (Conflict, InvalidInput) as error:
        sys.exit(str(error))
    for kind, number in sorted(done.items()):
        print(f"{kind}: {number:,} changed")
    print(f"The person is called {pseudonym} from now on." if done else "Nothing has this name.")


if __name__ == "__main__":
    main()
