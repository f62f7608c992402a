"""The patch of the embedded DynamoDB: all or nothing, and no more work than what is touched."""

import sys
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item

from local.moto_patches.transactions import install

Client = Any


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    install()
    with mock_aws():
        client = boto3.client("dynamodb", "eu-west-1")
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        for name in ("changed", "deleted", "replaced"):
            client.put_item(TableName="t", Item=item(name, "old"))
        yield client


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}, "sk": {"S": "x"}}


def item(name: str, value: str) -> dict[str, Any]:
    return key(name) | {"value": {"S": value}}


def content(client: Client) -> dict[str, str]:
    return {
        each["pk"]["S"]: each["value"]["S"] for each in client.scan(TableName="t").get("Items", [])
    }


def records() -> int:
    """How many changes the stream has told of; streams do not answer inside of a process."""
    [table] = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].tables.values()
    return len(table.stream_shard.items)


def everything() -> list[dict[str, Any]]:
    return [
        {"Put": {"TableName": "t", "Item": item("new", "new")}},
        {"Put": {"TableName": "t", "Item": item("replaced", "new")}},
        {"Delete": {"TableName": "t", "Key": key("deleted")}},
        {
            "Update": {
                "TableName": "t",
                "Key": key("changed"),
                "UpdateExpression": "SET #v = :v",
                "ExpressionAttributeNames": {"#v": "value"},
                "ExpressionAttributeValues": {":v": {"S": "new"}},
            }
        },
    ]


IMPOSSIBLE = {
    "ConditionCheck": {
        "TableName": "t",
        "Key": key("nowhere"),
        "ConditionExpression": "attribute_exists(pk)",
    }
}


def test_a_good_transaction_does_all_that_it_says(dynamodb: Client) -> None:
    dynamodb.transact_write_items(TransactItems=everything())
    assert content(dynamodb) == {"new": "new", "replaced": "new", "changed": "new"}
    assert records() == 3 + 4


@pytest.mark.parametrize("place", [0, 4])
def test_a_failing_transaction_leaves_all_as_it_was(dynamodb: Client, place: int) -> None:
    operations = everything()
    operations.insert(place, IMPOSSIBLE)
    before = content(dynamodb)
    with pytest.raises(ClientError) as raised:
        dynamodb.transact_write_items(TransactItems=operations)
    codes = [reason["Code"] for reason in raised.value.response["CancellationReasons"]]
    assert codes.count("ConditionalCheckFailed") == 1
    assert content(dynamodb) == before
    assert records() == 3


def test_one_item_twice_in_a_transaction_is_refused_and_undone(dynamodb: Client) -> None:
    twice = [{"Put": {"TableName": "t", "Item": item("new", value)}} for value in "ab"]
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=twice)
    assert "new" not in content(dynamodb)


def test_what_is_copied_does_not_grow_with_the_table(
    dynamodb: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(200):
        dynamodb.put_item(TableName="t", Item=item(str(number), "old"))
    copied: list[Item] = []
    original = Item.__deepcopy__

    def counting(self: Item, memo: dict[int, Any]) -> Item:
        copied.append(self)
        return original(self, memo)

    monkeypatch.setattr(Item, "__deepcopy__", counting)
    dynamodb.transact_write_items(TransactItems=everything())
    assert len(copied) <= 2 * len(everything())


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads take turns as often as they can, so that a race is likely to show."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("eager_threads")
def test_of_many_who_create_the_same_item_at_once_one_succeeds(dynamodb: Client) -> None:
    created: list[str] = []
    barrier = threading.Barrier(8)

    def create(name: str) -> None:
        put = {
            "TableName": "t",
            "Item": item("new", name),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        barrier.wait()
        try:
            dynamodb.transact_write_items(TransactItems=[{"Put": put}])
        except ClientError:
            return
        created.append(name)

    threads = [threading.Thread(target=create, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [content(dynamodb)["new"]] == created


def test_installing_twice_changes_nothing() -> None:
    install()
    once = DynamoDBBackend.transact_write_items
    install()
    assert DynamoDBBackend.transact_write_items is once
