"""Work out metrics again from the records of the runs: `python -m infra.rebuild_metrics --stage
prod --scope payments`.

Needs AWS credentials that may read and write the stage's playbooks table. Runs may be recorded
meanwhile.
"""

import argparse
from datetime import UTC, datetime

from infra.stage import enter


def main() -> None:
    """Rebuild the metrics of a scope's playbooks, and say which differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True, help="such as dev or prod")
    parser.add_argument("--scope", required=True, help="whose playbooks")
    wanted = parser.parse_args()
    enter(wanted.stage)

    from chalicelib.services import rebuild  # the tables' names depend on the stage
    from chalicelib.services.access import SYSTEM
    from chalicelib.store import playbooks

    caller = SYSTEM.coming("command")
    for playbook in playbooks.changed_since(wanted.scope, None):
        differed = rebuild.rebuild_metrics(playbook.playbook_id, caller, datetime.now(UTC))
        said = f"rebuilt {', '.join(differed)}" if differed else "right as they are"
        print(f"{playbook.playbook_id}: {said}")


if __name__ == "__main__":
    main()
