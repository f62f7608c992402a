"""What docstrings tell of fields, in schemas."""

from pydantic import BaseModel

from chalicelib.routes.schemas import Untitled, with_fields_told


class Shape(BaseModel):
    """A shape with fields.

    Attributes:
        width, height: how large
            it is; none of them is negative.
        unit: of both.
    """

    width: int
    height: int
    unit: str = "m"
    name: str = ""


class Bare(BaseModel):
    """Nothing is told of its fields: Attributes: none."""

    width: int


def told(model: type[BaseModel]) -> dict[str, object]:
    return with_fields_told(model.model_json_schema(schema_generator=Untitled))


def test_attributes_are_told_field_by_field() -> None:
    schema = told(Shape)
    assert schema["description"] == "A shape with fields."
    size = {"type": "integer", "description": "How large it is; none of them is negative."}
    assert schema["properties"] == {
        "width": size,
        "height": size,
        "unit": {"type": "string", "default": "m", "description": "Of both."},
        "name": {"type": "string", "default": ""},
    }


def test_what_tells_nothing_stays_as_it_is() -> None:
    assert told(Bare) == Bare.model_json_schema(schema_generator=Untitled)
    assert with_fields_told({"type": "string"}) == {"type": "string"}
