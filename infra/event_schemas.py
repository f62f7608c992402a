"""Write the JSON Schemas of the events anew: `python -m infra.event_schemas`."""

import json
from pathlib import Path

from chalicelib.core.events import EVENTS, schema_of

SCHEMAS = Path(__file__).parent.parent / "docs" / "events"


def files() -> dict[str, str]:
    """What each type's file says, by the file's name."""
    return {
        f"{event_type}.v{version}.json": json.dumps(schema_of(event_type), indent=2) + "\n"
        for event_type, (version, _) in EVENTS.items()
    }


def main() -> None:
    """Write them; those of earlier versions stay."""
    for name, text in files().items():
        (SCHEMAS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
