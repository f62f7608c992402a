"""A patch for moto: transactions that cost what they touch, and writes that do not interleave.

moto 5.2.5 copies a whole table for every operation of a DynamoDB transaction, to put it back when
the transaction fails. A thousand incidents, each written into a growing table, then cost time and
memory by the square. Here only the items that a transaction names are remembered and put back.

moto also lets requests of different threads interleave inside one conditional write or one
transaction. DynamoDB does not; so here every write waits for the one before.
"""

import copy
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

writing = threading.RLock()


def install() -> None:
    """Patch moto in this process; doing it again changes nothing."""
    if hasattr(DynamoDBBackend.transact_write_items, "__wrapped__"):
        return
    for name in ("put_item", "update_item", "delete_item"):
        setattr(DynamoDBBackend, name, _alone(getattr(DynamoDBBackend, name)))
    DynamoDBBackend.transact_write_items = _alone(  # type: ignore[method-assign]
        _journalled(DynamoDBBackend.transact_write_items)
    )


def _alone(write: Callable[..., Any]) -> Callable[..., Any]:
    """The write, one at a time."""

    @functools.wraps(write)
    def alone(*arguments: Any, **named: Any) -> Any:
        with writing:
            return write(*arguments, **named)

    return alone


def _journalled(transact: Callable[..., None]) -> Callable[..., None]:
    """The transaction with a journal of its own in place of moto's copies of tables."""

    @functools.wraps(transact)
    def journalled(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        touched = list(_touched(backend, transact_items))
        before = [(table, key, copy.deepcopy(table.get_item(*key))) for table, key in touched]
        tables = {id(table): table for table, _ in touched}.values()
        records = [(table, _stream_length(table)) for table in tables]
        try:
            with _not_copied(list(tables)):
                transact(backend, transact_items)
        except BaseException:
            for table, key, item in before:
                _put_back(table, key, item)
            for table, length in records:
                if table.stream_shard is not None:
                    del table.stream_shard.items[length:]
            raise

    return journalled


def _touched(
    backend: DynamoDBBackend, transact_items: list[dict[str, Any]]
) -> Iterator[tuple[Table, tuple[Any, Any]]]:
    """The tables and keys that a transaction names; what makes no sense is moto's to refuse."""
    for operations in transact_items:
        for operation in operations.values():
            table = backend.tables.get(operation.get("TableName"))
            attributes = operation.get("Item") or operation.get("Key") or {}
            if table is not None and set(table.table_key_attrs) <= set(attributes):
                yield table, backend.get_keys_value(table, attributes)


@contextmanager
def _not_copied(tables: list[Table]) -> Iterator[None]:
    """While inside, a deep copy of any of the tables is the table itself."""
    for table in tables:
        table.__deepcopy__ = lambda memo, table=table: table  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for table in tables:
            del table.__deepcopy__  # type: ignore[attr-defined]


def _put_back(table: Table, key: tuple[Any, Any], item: Any) -> None:
    """Make an item what it was."""
    hash_value, range_value = key
    place = hash_value if range_value is None else range_value
    items: dict[Any, Any] = table.items if range_value is None else table.items[hash_value]
    if item is None:
        items.pop(place, None)
    else:
        items[place] = item


def _stream_length(table: Table) -> int:
    return 0 if table.stream_shard is None else len(table.stream_shard.items)
