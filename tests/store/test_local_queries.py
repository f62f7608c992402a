"""The patched queries of the embedded AWS answer as moto's own do."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from local.moto_patches import queries
from tests.store.test_infrastructure import KEYS

REGION = "eu-west-1"


@pytest.fixture
def table() -> Iterator[Table]:
    """Thirty items in three partitions of the table and two of its index; some are in no index."""
    queries.install()
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        names = [*KEYS, "scope", "place"]
        client.create_table(
            TableName="queried",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
            KeySchema=[{"AttributeName": n, "KeyType": kind} for n, kind in KEYS.items()],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_place",
                    "KeySchema": [
                        {"AttributeName": "scope", "KeyType": "HASH"},
                        {"AttributeName": "place", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        for number in range(30):
            item = {"pk": f"p{number % 3}", "sk": f"{number * 7 % 30:02d}"}
            if number % 5:
                item |= {"scope": f"s{number % 2}", "place": f"{number * 11 % 4}"}
            written = {name: {"S": value} for name, value in item.items()}
            client.put_item(TableName="queried", Item=written)
        [account] = [each for each in dynamodb_backends.values() if REGION in each]
        yield account[REGION].tables["queried"]


@pytest.mark.parametrize("index", [None, "by_place"])
@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [1, 4, 100])
def test_a_query_pages_through_its_partition_as_motos_own(
    table: Table, index: str | None, forward: bool, limit: int
) -> None:
    own, patched = Table.query.__wrapped__, Table.query  # type: ignore[attr-defined]
    value = DynamoType({"S": "s1" if index else "p1"})
    at: Any = None
    read = 0
    while True:
        asked = (None if index else value, None, [], limit, at, forward, None, index)
        named = {"hash_key_conditions": [("scope" if index else "pk", value)]}
        expected, answered = own(table, *asked, **named), patched(table, *asked, **named)
        assert [i.attrs["sk"] for i in answered[0]] == [i.attrs["sk"] for i in expected[0]]
        assert answered[2] == expected[2]
        read += len(answered[0])
        at = answered[2]
        if at is None:
            break
    assert read == (12 if index else 10)


KEY = st.text("ab\U0010ffff", min_size=1, max_size=4)
CONDITIONS = st.one_of(
    st.just((None, [])),
    st.tuples(st.sampled_from(["=", "<", "<=", ">", ">=", "BEGINS_WITH"]), st.tuples(KEY)),
    st.tuples(st.just("BETWEEN"), st.tuples(KEY, KEY)),
)


@settings(max_examples=100, deadline=None)
@given(
    written=st.lists(st.tuples(KEY, st.sampled_from([0, 390_000])), max_size=12),
    deleted=st.lists(KEY, max_size=3),
    condition=CONDITIONS,
    limit=st.none() | st.integers(1, 5),
    start=st.none() | KEY,
    forward=st.booleans(),
)
def test_a_query_of_any_part_of_a_partition_answers_as_motos_own(
    written: list[tuple[str, int]],
    deleted: list[str],
    condition: tuple[str | None, list[str]],
    limit: int | None,
    start: str | None,
    forward: bool,
) -> None:
    queries.install()
    schema = [{"AttributeName": name, "KeyType": kind} for name, kind in KEYS.items()]
    types = [{"AttributeName": name, "AttributeType": "S"} for name in KEYS]
    table = Table("queried", DEFAULT_ACCOUNT_ID, REGION, schema, types)
    for key, size in written:
        table.put_item({"pk": {"S": "p"}, "sk": {"S": key}, "text": {"S": "-" * size}})
    for key in deleted:
        table.delete_item(DynamoType({"S": "p"}), DynamoType({"S": key}))
    comparison, values = condition[0], [DynamoType({"S": each}) for each in condition[1]]
    at = None if start is None else {"pk": {"S": "p"}, "sk": {"S": start}}
    asked = (DynamoType({"S": "p"}), comparison, values, limit, at, forward, None)
    expected, answered = Table.query.__wrapped__(table, *asked), table.query(*asked)  # type: ignore[attr-defined]
    assert answered == expected


def test_a_query_looks_at_no_more_of_a_partition_than_it_answers_with(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[Item] = []
    size = Item.size
    monkeypatch.setattr(Item, "size", lambda self: looked_at.append(self) or size(self))
    for number in range(500):
        table.put_item({"pk": {"S": "long"}, "sk": {"S": f"a{number:03}"}})
    found, _, at = table.query(
        DynamoType({"S": "long"}), "BEGINS_WITH", [DynamoType({"S": "a"})], 3, None, False, None
    )
    assert [item.range_key.value for item in found] == ["a499", "a498", "a497"]
    assert at is not None
    assert len({item.range_key.value for item in looked_at}) == 4
