"""The tools of the Model Context Protocol: each is a route of the API, with its role and models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from chalicelib.routes.http import Call, as_json, current_request
from chalicelib.routes.idempotency import MAX_KEY, once
from chalicelib.routes.registry import OPERATIONS, Operation
from chalicelib.routes.schemas import Schema, Untitled, with_fields_told
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.errors import Forbidden, InvalidInput, invalid

#: What a tool takes beside its route's arguments where calling it again would do more.
_KEY = "idempotency_key"
_KEY_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_KEY,
    "description": "Your own name for this call, such as a UUID; a new one for each. If the answer "
    "is lost, call again within a day with the same arguments and the same key: you get the first "
    "answer, and nothing is done twice.",
}


@dataclass(frozen=True)
class Tool:
    """A route of the API as an assistant may call it.

    Attributes:
        route: its method and path; the roles are that route's.
        fixed: arguments that the assistant is not asked for.
        leaves_out: arguments of the route that this tool does not have.
        requires: arguments that this tool needs beside those that the route does.
        destructive: whether it decides or changes what was there before.
        idempotent: whether calling it again changes nothing more; what does takes a key.
    """

    name: str
    title: str
    description: str
    route: tuple[str, str]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    leaves_out: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False

    @property
    def operation(self) -> Operation:
        """The route."""
        return OPERATIONS[self.route]

    def run(self, arguments: Mapping[str, Any], caller: Caller, now: datetime) -> Any:
        """What the route answers to these arguments, as values that JSON has.

        Raises:
            Forbidden: the caller's role may not call the route, or does not reach the scope.
            InvalidInput: an id is missing, or the key is none.
            IdempotencyMismatch: the key came with other arguments before.
            Exception: whatever the route raises.
        """
        operation = self.operation
        if caller.role not in operation.roles:
            raise Forbidden(f"This needs the role {' or '.join(sorted(operation.roles))}.")
        given = {
            name: value
            for name, value in arguments.items()
            if value is not None and name not in self.leaves_out
        }
        given |= self.fixed
        key = None if self.idempotent else given.pop(_KEY, None)
        asked = dict(given)
        if missing := [name for name in operation.parameters if not given.get(name)]:
            raise InvalidInput([{"field": name, "message": "is required"} for name in missing])
        path = {name: str(given.pop(name)) for name in operation.parameters}
        query = {name: str(given.pop(name)) for name in operation.query if name in given}
        operation.check(query, path)
        if "scope" in query:
            check_scope(caller, query["scope"])

        def act(at: datetime) -> Any:
            return as_json(operation.view(Call(caller, given, query, at), **path))

        if key is None:
            return act(now)
        if not isinstance(key, str):
            raise invalid(_KEY, "must be a string")
        context = current_request.get().lambda_context
        return once(key, caller, f"tool {self.name}", asked, context, act, now, named=_KEY)


_MORE = "Give `limit`, and the `next_cursor` of one answer as `cursor`, to read on."

TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "analyze_incident_patterns",
            "Analyse incidents",
            "Start an analysis of a scope's recent incidents, which finds the kinds that recur and "
            "proposes playbooks for them. It runs in the background: the answer is the run. "
            "`get_pattern_statistics` tells in `last_run` when it has ended. With `dry_run` it "
            "changes nothing.",
            ("POST", "/v1/analyses"),
            leaves_out=("incident_ids",),
        ),
        Tool(
            "get_pattern_statistics",
            "What recurs",
            "What a scope's recurring kinds of incident add up to: how many, how often solved, how "
            "long it takes, which systems, which rise, how many have a playbook; and the last "
            "analysis.",
            ("GET", "/v1/patterns/statistics"),
            read_only=True,
            idempotent=True,
        ),
        Tool(
            "trigger_pattern_learning",
            "Learn from chosen incidents",
            "Start an analysis of the incidents that you name, whenever they happened, to learn "
            "their pattern. It runs in the background: the answer is the run.",
            ("POST", "/v1/patterns/learn"),
            requires=("incident_ids",),
        ),
        Tool(
            "get_pending_playbook_suggestions",
            "Suggestions that wait",
            "The proposed playbooks that wait for a reviewer's decision, the latest first, each "
            f"with its steps, their risks and the incidents that support them. {_MORE}",
            ("GET", "/v1/suggestions"),
            fixed={"status": "pending"},
            read_only=True,
            idempotent=True,
        ),
        Tool(
            "review_playbook_suggestion",
            "Decide on a suggestion",
            "Approve a suggestion, which publishes its playbook, reject it, or send it back. Needs "
            "the role reviewer. Send the `revision` that you read. Approving needs every step that "
            "destroys something by its id in `confirmed_steps`: ask the person before you confirm.",
            ("POST", "/v1/suggestions/{suggestion_id}/reviews"),
            destructive=True,
        ),
        Tool(
            "export_generated_playbooks",
            "Export playbooks",
            "Write all of a scope's playbooks as files, in one format, and get a link to each; "
            "`not_carried` tells what the format has no place for.",
            ("POST", "/v1/exports"),
            idempotent=True,
        ),
        Tool(
            "recommend_playbooks_for_incident",
            "Recommend for an incident",
            "The approved playbooks that fit a live incident, the best first, with reasons, risk, "
            "duration and the incidents alike. None is given where none fits well enough; "
            "`nearest_miss` then tells the best of the others.",
            ("POST", "/v1/recommendations"),
            leaves_out=("context",),
            requires=("incident",),
        ),
        Tool(
            "recommend_playbooks_for_context",
            "Recommend for a question",
            "As `recommend_playbooks_for_incident`, for a question in words when there is no "
            "incident: `context.query`, and the systems and the severity where they are known.",
            ("POST", "/v1/recommendations"),
            leaves_out=("incident",),
            requires=("context",),
        ),
        Tool(
            "record_recommendation_feedback",
            "Tell what came of it",
            "Say whether a recommended playbook helped and whether it solved the incident, so that "
            "the next recommendation is better.",
            ("POST", "/v1/recommendations/{recommendation_id}/feedback"),
        ),
        Tool(
            "read_playbook",
            "Read a playbook",
            "A playbook with its parameters, steps, risks and evidence, in its current version or "
            "in the one that you name.",
            ("GET", "/v1/playbooks/{playbook_id}"),
            read_only=True,
            idempotent=True,
        ),
        Tool(
            "simulate_playbook",
            "Simulate a playbook",
            "Each step of a playbook as it would run with your `parameters`: the command, what is "
            "missing or refused, its risk, and what undoes it. Nothing is executed.",
            ("POST", "/v1/playbooks/{playbook_id}/simulations"),
            read_only=True,
            idempotent=True,
        ),
    )
}


@cache
def listed() -> list[Schema]:
    """All tools as the protocol lists them."""
    return [_listed(tool) for tool in TOOLS.values()]


def _listed(tool: Tool) -> Schema:
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": _input_schema(tool),
        "outputSchema": _schema(tool.operation.gives, "serialization"),
        "annotations": {
            "title": tool.title,
            "readOnlyHint": tool.read_only,
            "destructiveHint": tool.destructive,
            "idempotentHint": tool.idempotent,
            "openWorldHint": False,
        },
    }


def _input_schema(tool: Tool) -> Schema:
    """What stands in the route's path, query and body, in one object."""
    operation = tool.operation
    properties: Schema = {name: {"type": "string"} for name in operation.parameters}
    required = [*operation.parameters, *operation.requires, *tool.requires]
    definitions: Schema = {}
    for name, type_ in operation.query.items():
        schema = _schema(type_)
        definitions |= schema.pop("$defs", {})
        properties[name] = schema
    if operation.takes is not None:
        schema = _schema(operation.takes)
        definitions |= schema.get("$defs", {})
        properties |= schema["properties"]
        required += schema.get("required", [])
    for name in (*tool.leaves_out, *tool.fixed):
        del properties[name]
    if not tool.idempotent:
        properties[_KEY] = _KEY_SCHEMA
    required = list(dict.fromkeys(required))
    schema = {"type": "object", "properties": properties, "required": required}
    used = _used(schema, definitions)
    return schema | ({"$defs": used} if used else {})


def _schema(type_: Any, mode: JsonSchemaMode = "validation") -> Schema:
    schema = TypeAdapter(type_).json_schema(mode=mode, schema_generator=Untitled)
    definitions = {name: with_fields_told(each) for name, each in schema.pop("$defs", {}).items()}
    return with_fields_told(schema) | ({"$defs": definitions} if definitions else {})


def _used(schema: Any, definitions: Schema) -> Schema:
    """The definitions that a schema refers to, and those that they do."""
    found: Schema = {}
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in found:
                found[name] = definitions[name]
                waiting.append(found[name])
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return dict(sorted(found.items()))
