"""The API's routes as they are declared: what is checked, described and offered as tools.

A route says what it takes and asks for; what it gives is the return type of its view. From that
come the OpenAPI document (`routes.openapi`), the page that shows it, and the tools of MCP.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, get_origin, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from chalicelib.core.fields import DEFAULT_SCOPE, Scope
from chalicelib.services.errors import InvalidInput, NotFound, field_errors
from chalicelib.services.listing import DEFAULT_LIMIT, MAX_LIMIT, Listing

#: Ids are short; what is longer is none of ours, and no key that DynamoDB takes.
_MAX_ID = 200

#: The query of a route whose answer belongs to one scope.
SCOPE: Mapping[str, Any] = {
    "scope": Annotated[
        Scope, Field(description=f"Whose this is, such as a project; `{DEFAULT_SCOPE}` if absent.")
    ]
}
#: The query of a route whose answer comes in parts.
PAGING: Mapping[str, Any] = {
    "limit": Annotated[
        int,
        Field(ge=1, le=MAX_LIMIT, description=f"How many at most; {DEFAULT_LIMIT} if absent."),
    ],
    "cursor": Annotated[
        str, Field(description="The `next_cursor` of the answer before; good for a day.")
    ],
}


@dataclass(frozen=True)
class Operation:
    """A route of the API.

    Attributes:
        status: that of an answer which is no error.
        roles: who may call it; nobody in it: everybody, without a token.
        takes: the type of the body; None where it is not told.
        asks: the types of what may stand in the query, by name.
        requires: the names of what must stand in it.
        example: a body as somebody would send it.
        answers: the types of what it answers by status, where that is more than one; None is no
            body. A status that is not in it has the view's type, or tells a problem.
    """

    method: str
    path: str
    status: int
    roles: frozenset[str]
    view: Callable[..., Any]
    takes: Any = None
    asks: Mapping[str, Any] | None = None
    requires: tuple[str, ...] = ()
    example: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)

    @cached_property
    def gives(self) -> Any:
        """The type of the answer that is no error."""
        return self.answers.get(self.status, get_type_hints(self.view)["return"])

    @cached_property
    def query(self) -> dict[str, Any]:
        """The types of all that may stand in the query, by name."""
        paging = PAGING if get_origin(self.gives) is Listing else {}
        return {**(self.asks or {}), **paging}

    @property
    def parameters(self) -> list[str]:
        """The names in the path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    def check(self, query: Mapping[str, str], parameters: Mapping[str, str]) -> None:
        """See that what stands in the query and in the path can be what was asked for.

        Raises:
            InvalidInput: something in the query, or a scope in the path, is not of its type.
            NotFound: something in the path cannot be an id.
        """
        missing = [name for name in self.requires if not query.get(name)]
        errors = [{"field": name, "message": "is required in the query"} for name in missing]
        for name, value in (*query.items(), *parameters.items()):
            adapter = self._adapters.get(name)
            try:
                if adapter is not None:
                    adapter.validate_python(value)
            except ValidationError as error:
                errors += [{**each, "field": name} for each in field_errors(error)]
        if errors:
            raise InvalidInput(errors)
        for name, value in parameters.items():
            if not value.isprintable() or len(value) > _MAX_ID:
                raise NotFound(f"there is nothing with this {name}")

    @cached_property
    def _adapters(self) -> dict[str, TypeAdapter[Any]]:
        named = SCOPE if "scope" in self.parameters else {}
        return {name: TypeAdapter(type_) for name, type_ in {**self.query, **named}.items()}


#: Every route of the API, by method and path.
OPERATIONS: dict[tuple[str, str], Operation] = {}
