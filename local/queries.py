"""A patch for moto: queries that cost what they read.

moto 5.2.5 sorts all of a table, key by key, before it looks for the items of the partition that a
query names. Of ten thousand suggestions, reading twenty then takes a third of a second. Here only
the partition's items are looked at, and moto finds them in their order already. What a query
answers stays moto's to say.
"""

import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_asked = threading.local()
_cast = DynamoType.cast_value.fget  # type: ignore[attr-defined]


def install() -> None:
    """Patch moto in this process; doing it again changes nothing."""
    if hasattr(Table.query, "__wrapped__"):
        return
    Table.query = _of_its_partition(Table.query)  # type: ignore[method-assign]
    Table.all_items = _narrowed(Table.all_items)  # type: ignore[assignment,method-assign]
    DynamoType.cast_value = property(  # type: ignore[assignment,method-assign]
        lambda self: self.value if self.type == "S" else _cast(self)
    )


def _of_its_partition(query: Callable[..., Any]) -> Callable[..., Any]:
    """The query, which tells `all_items` what it is after."""
    signature = inspect.signature(query)

    @functools.wraps(query)
    def asking(*arguments: Any, **named: Any) -> Any:
        asked = signature.bind(*arguments, **named).arguments
        _asked.partition = tuple(
            asked.get(name) for name in ("hash_key", "index_name", "hash_key_conditions")
        )
        try:
            return query(*arguments, **named)
        finally:
            _asked.partition = None

    return asking


def _narrowed(all_items: Callable[[Table], list[Item]]) -> Callable[[Table], list[Item]]:
    """All items, or those of the partition that a query is after."""

    @functools.wraps(all_items)
    def narrowed(table: Table) -> list[Item]:
        hash_key, index_name, conditions = getattr(_asked, "partition", None) or (None,) * 3
        if index_name is None and hash_key is not None and table.range_key_attr:
            return list(table.items.get(hash_key, {}).values())
        if index_name is None or not conditions or not table.range_key_attr:
            return all_items(table)
        attribute, value = conditions[0]
        schema = table.get_index(index_name).schema
        ranged = next((key["AttributeName"] for key in schema if key["KeyType"] == "RANGE"), "")
        found = [
            item
            for item in _items(table)
            if attribute in item.attrs and item.attrs[attribute].value == value.value
        ]
        return sorted(found, key=lambda item: _raw(item, ranged))

    return narrowed


def _items(table: Table) -> Iterator[Any]:
    # Copied, since requests in other threads write while this one reads.
    for partition in list(table.items.values()):
        yield from list(partition.values())


def _raw(item: Any, attribute: str) -> str:
    return str(item.attrs[attribute].value) if attribute in item.attrs else ""
