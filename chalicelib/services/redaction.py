"""Redaction as each scope wants it: with a key of its own, its own rules, and pseudonyms.

It fails closed: where a text cannot be redacted, what it came with is refused.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chalicelib.core.fields import DEFAULT_SCOPE, Scope
from chalicelib.core.policies import RedactionPolicy
from chalicelib.redaction import Pseudonyms, Redactor, own_rule
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.errors import InvalidInput, validated
from chalicelib.store import playbooks, policies, recommendations, suggestions
from chalicelib.store.secrets import signing_key
from chalicelib.store.transaction import Transaction

_SCOPE = TypeAdapter(Scope)


class RedactionFailed(Exception):
    """A text could not be redacted, so nothing of what came with it may be kept."""


@dataclass(frozen=True)
class Redacted:
    """A JSON value without secrets, and how often each kind was taken out of it."""

    value: Any
    removed: Counter[str]


def redacted(value: Any, scope: str = DEFAULT_SCOPE) -> Redacted:
    """A JSON value, redacted as its scope wants it.

    Incidents of a batch are each of their own scope. The same value in the same scope always
    leaves the same placeholder; in another scope it leaves another.

    Raises:
        RedactionFailed: anything went wrong; nothing of the value is in the message.
        RecursionError: the value is nested too deep.
    """
    try:
        return _redacted(value, scope)
    except RecursionError:
        raise
    except Exception as error:
        # Neither the cause nor its traceback may reach a log: they hold what could not be redacted.
        raise RedactionFailed(f"redaction failed with {type(error).__name__}") from None


def scope_of(names: Mapping[str, str], body: Any, asked: str | None) -> str:
    """The scope that a request is about: as it says itself, else that of the thing it names.

    Args:
        names: the path's parameters, such as `playbook_id`.
        body: what was sent.
        asked: the scope in the query.
    """
    said = body.get("scope") if isinstance(body, dict) else None
    if isinstance(said, str):
        return said
    return names.get("scope") or asked or _scope_of_named(names) or DEFAULT_SCOPE


def find_policy(scope: str, caller: Caller) -> RedactionPolicy:
    """How a scope's texts are redacted.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    return policies.get(scope)


def set_policy(scope: str, body: Any, caller: Caller, now: datetime) -> RedactionPolicy:
    """Redact a scope's texts like this from now on; what is kept already stays as it is.

    Raises:
        InvalidInput: the body is no policy, or a rule's pattern is none.
        Forbidden: the scope is not the caller's.
    """
    policy = validated(RedactionPolicy, body | {"scope": scope} if isinstance(body, dict) else body)
    check_scope(caller, scope)
    errors = []
    for number, rule in enumerate(policy.rules):
        try:
            own_rule(rule.kind, rule.pattern)
        except ValueError as error:
            errors.append({"field": f"rules.{number}.pattern", "message": str(error)})
    if errors:
        raise InvalidInput(errors)
    before = policies.get(scope)
    with Transaction(caller, now) as transaction:
        policies.save(transaction, policy)
        entity = f"redaction:{scope}"
        transaction.audit(scope, entity, "redaction changed", before=before, after=policy)
    return policy


def _redacted(value: Any, scope: str) -> Redacted:
    by_scope: dict[str, Redactor] = {}

    def redactor(wanted: Any) -> Redactor:
        name = _valid(wanted)
        if name not in by_scope:
            by_scope[name] = _redactor(policies.get(name))
        return by_scope[name]

    batch = value.get("incidents") if isinstance(value, dict) else None
    if isinstance(batch, list):
        rest = {name: entry for name, entry in value.items() if name != "incidents"}
        scopes = [each.get("scope", scope) if isinstance(each, dict) else scope for each in batch]
        incidents = [redactor(s).value(each) for s, each in zip(scopes, batch, strict=True)]
        value = redactor(scope).value(rest) | {"incidents": incidents}
    else:
        value = redactor(scope).value(value)
    removed: Counter[str] = Counter()
    for each in by_scope.values():
        removed.update(each.removed)
    return Redacted(value, removed)


def _redactor(policy: RedactionPolicy) -> Redactor:
    key = hmac.new(
        signing_key().encode(), f"redaction of {policy.scope}".encode(), hashlib.sha256
    ).digest()
    return Redactor(
        key,
        [own_rule(rule.kind, rule.pattern) for rule in policy.rules],
        Pseudonyms(key) if policy.anonymise else None,
    )


def _valid(scope: Any) -> str:
    """The scope, or the default one in place of what is none and will be refused as such."""
    try:
        return _SCOPE.validate_python(scope, strict=True)
    except ValidationError:
        return DEFAULT_SCOPE


def _scope_of_named(names: Mapping[str, str]) -> str | None:
    """The scope of the thing that a path names."""
    if "playbook_id" in names:
        playbook = playbooks.get(names["playbook_id"])
        return playbook.scope if playbook else None
    if "suggestion_id" in names:
        suggestion = suggestions.get(names["suggestion_id"])
        return suggestion.scope if suggestion else None
    if "recommendation_id" in names:
        recommendation = recommendations.get(names["recommendation_id"], datetime.now(UTC))
        return recommendation["scope"] if recommendation else None
    return None
