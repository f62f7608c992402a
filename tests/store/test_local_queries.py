"""The patched queries of the embedded AWS answer as moto's own do."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from local import queries
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


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [None, 1, 4])
@pytest.mark.parametrize("prefix", ["1", "2", "9"])
def test_a_query_by_prefix_answers_as_motos_own(
    table: Table, forward: bool, limit: int | None, prefix: str
) -> None:
    own, patched = Table.query.__wrapped__, Table.query  # type: ignore[attr-defined]
    value, begins = DynamoType({"S": "p1"}), [DynamoType({"S": prefix})]
    at: Any = None
    while True:
        asked = (value, "BEGINS_WITH", begins, limit, at, forward, None, None)
        named = {
            "hash_key_conditions": [("pk", value)],
            "range_key_conditions": [("sk", "BEGINS_WITH", begins)],
        }
        expected, answered = own(table, *asked, **named), patched(table, *asked, **named)
        assert [i.attrs["sk"] for i in answered[0]] == [i.attrs["sk"] for i in expected[0]]
        assert answered[2] == expected[2]
        at = answered[2]
        if at is None:
            break
