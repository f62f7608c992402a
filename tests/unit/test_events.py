"""The published schemas are those of the models, and hold what they promise."""

from typing import Any, get_args

import pytest
from jsonschema import ValidationError

from chalicelib.core.events import EVENTS, SHAREABLE, EventType
from infra.event_schemas import SCHEMAS, files
from tests.events import check

PUBLISHED = {
    "event_id": "e1",
    "type": "playbook.published",
    "version": 1,
    "scope": "shop",
    "at": "2026-01-31T12:00:00Z",
    "detail": {"playbook_id": "pb_1", "version": "1.0.0", "title": "Free the disk"},
}


def test_every_type_of_the_contract_has_its_schema_and_no_other() -> None:
    assert set(EVENTS) == set(get_args(EventType)) >= SHAREABLE
    assert len(EVENTS) == 7
    # A file of an earlier version may stay; one of the present version must be what the model says.
    written = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.glob("*.json")}
    assert files().items() <= written.items()


def test_an_event_may_say_more_than_its_schema() -> None:
    check(PUBLISHED)
    check(PUBLISHED | {"detail": PUBLISHED["detail"] | {"more": 1}})  # type: ignore[operator]


@pytest.mark.parametrize(
    "change",
    [
        {"type": "playbook.published", "version": 1, "detail": {"playbook_id": "pb_1"}},
        {"at": 1},
        {"scope": ""},
        {"detail": {"playbook_id": "pb_1", "version": "one", "title": "x"}},
    ],
)
def test_what_does_not_hold_is_found(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check(PUBLISHED | change)


def test_an_event_of_no_known_type_is_found() -> None:
    with pytest.raises(FileNotFoundError):
        check(PUBLISHED | {"type": "playbook.renamed"})
