"""Imports: a playbook made of a file that another tool, or another Precedent, wrote."""

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from chalicelib.core.fields import DEFAULT_SCOPE, Scope, Value
from chalicelib.core.incidents import AnySeverity, Entries
from chalicelib.core.versions import Playbook
from chalicelib.formats import FORMATS
from chalicelib.formats.reading import Unreadable
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.errors import InvalidInput, invalid, validated
from chalicelib.services.publish import PlaybookDraft, publish_draft
from chalicelib.services.redaction import redacted

_READABLE = {name: each.read for name, each in FORMATS.items() if each.read is not None}
_MAX_CHARACTERS = 500_000  # a specification at its largest, in the wordiest of the formats


def _text(content: Any) -> Any:
    return json.dumps(content, ensure_ascii=False) if isinstance(content, dict) else content


class ImportRequest(Value):
    """A file's text, what it is, and what the playbook is found by.

    Attributes:
        content: the text; of JSON the object itself is taken too, and better, as redaction then
            sees its fields.
        name: what to call the playbook; absent, as the file does.
    """

    scope: Scope = DEFAULT_SCOPE
    format: Annotated[str, Field(json_schema_extra={"enum": [*_READABLE]})]
    content: Annotated[str, Field(min_length=1, max_length=_MAX_CHARACTERS), BeforeValidator(_text)]
    name: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    systems: Entries = []
    severity: AnySeverity | None = None
    symptoms: Entries = []


def import_playbook(body: Any, caller: Caller, now: datetime) -> Playbook:
    """Publish a playbook that was written elsewhere, as version 1.0.0.

    Raises:
        InvalidInput: the format cannot be read, or the content is no sound playbook in it; fields
            of the specification are named as in `content.steps.0.action`.
        Forbidden: its scope is not the caller's.
    """
    wanted = validated(ImportRequest, body)
    check_scope(caller, wanted.scope)
    if wanted.format not in _READABLE:
        raise invalid("format", f"must be one of {', '.join(_READABLE)}")
    try:
        spec = _READABLE[wanted.format](wanted.content)
    except Unreadable as error:
        raise invalid("content", str(error)) from None
    # What was escaped in the file was hidden from the redaction of the request.
    spec = redacted(spec, wanted.scope).value
    if wanted.name is not None:
        spec["name"] = wanted.name
    elif not spec.get("name"):
        raise invalid("name", "must be given, as the content has none")
    found_by = wanted.model_dump(include={"scope", "systems", "severity", "symptoms"})
    try:
        draft = validated(PlaybookDraft, {**found_by, "spec": spec})
        return publish_draft(draft, f"Imported from {wanted.format}.", caller, now)
    except InvalidInput as error:
        raise InvalidInput(
            [{**each, "field": _field(each["field"])} for each in error.errors]
        ) from None


def _field(field: str) -> str:
    """The request's name for a field of the specification."""
    return "content" + field.removeprefix("spec") if field.split(".")[0] == "spec" else field
