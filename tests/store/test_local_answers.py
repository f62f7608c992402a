"""The patched answers of the embedded DynamoDB say what moto's own do."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.core.serialize import BaseJSONSerializer, JSONSerializer
from moto.core.utils import get_service_model

from local.moto_patches import answers

SCALAR = st.one_of(
    st.builds(lambda text: {"S": text}, st.text(max_size=5)),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda data: {"B": data}, st.binary(max_size=5)),
    st.builds(lambda texts: {"SS": texts}, st.lists(st.text(max_size=5), max_size=3)),
    st.builds(lambda data: {"BS": data}, st.lists(st.binary(max_size=5), max_size=3)),
    st.builds(lambda truth: {"BOOL": truth}, st.booleans()),
    st.just({"NULL": True}),
)
NAME = st.sampled_from(["pk", "S", "document", "Item"])
ATTRIBUTE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.builds(lambda values: {"L": values}, st.lists(inner, max_size=3)),
        st.builds(lambda values: {"M": values}, st.dictionaries(NAME, inner, max_size=3)),
    ),
    max_leaves=4,
)


def written(result: dict[str, Any]) -> str:
    operation = get_service_model("dynamodb").operation_model("GetItem")
    return str(JSONSerializer(operation).serialize(result)["body"])


@settings(max_examples=25, deadline=None)
@given(item=st.dictionaries(NAME, ATTRIBUTE, max_size=4))
def test_an_item_is_written_as_by_moto(item: dict[str, Any]) -> None:
    answers.install()
    answer = written({"Item": item})
    with pytest.MonkeyPatch.context() as patch:
        own = BaseJSONSerializer._serialize_type_structure.__wrapped__  # type: ignore[attr-defined]
        patch.setattr(BaseJSONSerializer, "_serialize_type_structure", own)
        assert answer == written({"Item": item})


def test_an_attribute_is_looked_for_under_its_own_type_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers.install()
    looked_for: list[str] = []
    look = JSONSerializer.get_value

    def looking(self: Any, value: Any, key: str, shape: Any) -> Any:
        looked_for.append(key)
        return look(self, value, key, shape)

    monkeypatch.setattr(JSONSerializer, "get_value", looking)
    written({"Item": {"pk": {"S": "a"}, "revision": {"N": "1"}}})
    assert set(looked_for) == {"Item", "ConsumedCapacity"}
