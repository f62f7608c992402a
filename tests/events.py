"""Every event that anything in the tests tells the world is held against its published schema."""

import functools
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[1] / "docs" / "events"


@functools.cache
def validator(name: str) -> Draft202012Validator:
    """What checks against a schema of docs/events, times and all."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def check(event: dict[str, Any]) -> None:
    """Raise unless the event is as docs/events says; types of the tests' own making are free."""
    if not event["type"].startswith(("test.", "thing.")):
        validator(f"{event['type']}.v{event['version']}").validate(event)


def validate_events() -> None:
    """From now on, a use case that emits an event off its schema fails."""
    from chalicelib.store.tables import OutboxItem
    from chalicelib.store.transaction import Transaction

    put = Transaction.put
    if hasattr(put, "__wrapped__"):
        return

    @functools.wraps(put)
    def checked(self: Transaction, item: Any, *rest: Any) -> None:
        if isinstance(item, OutboxItem) and item.sk == "event":
            check(json.loads(item.document))
        put(self, item, *rest)

    Transaction.put = checked  # type: ignore[method-assign]
