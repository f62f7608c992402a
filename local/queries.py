"""A patch for moto: queries that cost what they read.

moto 5.2.5 sorts all of a table, key by key, before it looks for the items of the partition that a
query names. Of ten thousand suggestions, reading twenty then takes a third of a second. Here only
the partition's items are looked at, of which moto gets no more than it will answer with, in their
order already. What a query answers stays moto's to say.
"""

import functools
import heapq
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

#: What makes a query read more than the first items of a partition.
_CUTTING = ("exclusive_start_key", "filter_expression", "filter_kwargs")
_SELECTING = (*_CUTTING, "range_comparison")

_asking = threading.local()
_cast = DynamoType.cast_value.fget  # type: ignore[attr-defined]


def install() -> None:
    """Patch moto in this process; doing it again changes nothing."""
    if hasattr(Table.query, "__wrapped__"):
        return
    Table.query = _told(Table.query)  # type: ignore[method-assign]
    Table.all_items = _narrowed(Table.all_items)  # type: ignore[assignment,method-assign]
    DynamoType.cast_value = property(  # type: ignore[assignment,method-assign]
        lambda self: self.value if self.type == "S" else _cast(self)
    )


def _told(query: Callable[..., Any]) -> Callable[..., Any]:
    """The query, of which `all_items` is told what it is after."""
    signature = inspect.signature(query)

    @functools.wraps(query)
    def telling(*arguments: Any, **named: Any) -> Any:
        _asking.query = signature.bind(*arguments, **named).arguments
        try:
            return query(*arguments, **named)
        finally:
            _asking.query = {}

    return telling


def _narrowed(all_items: Callable[[Table], list[Item]]) -> Callable[[Table], list[Item]]:
    """All items, or those that a query in this thread is after."""

    @functools.wraps(all_items)
    def narrowed(table: Table) -> list[Item]:
        asked = getattr(_asking, "query", {})
        if not asked or not table.range_key_attr:
            return all_items(table)
        if not asked.get("index_name"):
            return _of_partition(table.items.get(asked["hash_key"], {}), asked)
        schema = {key["KeyType"]: key for key in table.get_index(asked["index_name"]).schema}
        attribute, value = asked["hash_key_conditions"][0]
        ranged = schema.get("RANGE", {}).get("AttributeName", "")
        found = [
            item
            for item in _items(table)
            if attribute in item.attrs
            and item.attrs[attribute].value == value.value
            and (not ranged or ranged in item.attrs)
        ]
        order = (ranged, table.hash_key_attr, table.range_key_attr)
        found.sort(key=lambda item: [item.attrs[name].value for name in order if name])
        return _as_many_as_answered(found, asked)

    return narrowed


def _of_partition(partition: dict[Any, Item], asked: dict[str, Any]) -> list[Item]:
    """A partition's items, of which a query by prefix gets no more than it answers with.

    The next one behind those with the prefix is among them, as moto goes by it to say whether there
    is more.
    """
    if asked.get("range_comparison") != "BEGINS_WITH":
        return list(partition.values())
    prefix, backwards = asked["range_objs"][0].value, asked["scan_index_forward"] is False
    keys = {key.value: key for key in list(partition)}
    having = [value for value in keys if value.startswith(prefix)]
    if asked.get("limit") and not any(asked.get(name) for name in _CUTTING):
        pick = heapq.nlargest if backwards else heapq.nsmallest
        having = pick(asked["limit"] + 1, having)
    if backwards:
        behind = max((value for value in keys if value < prefix), default=None)
    else:
        behind = min(
            (each for each in keys if each > prefix and not each.startswith(prefix)), default=None
        )
    wanted = [*having, *([] if behind is None else [behind])]
    return [partition[keys[value]] for value in wanted if keys[value] in partition]


def _as_many_as_answered(found: list[Item], asked: dict[str, Any]) -> list[Item]:
    """The items that an answer with a limit may hold, and the next one."""
    if not asked.get("limit") or any(asked.get(name) for name in _SELECTING):
        return found
    number = asked["limit"] + 1
    return found[-number:] if asked["scan_index_forward"] is False else found[:number]


def _items(table: Table) -> Iterator[Any]:
    # Copied, since requests in other threads write while this one reads.
    for partition in list(table.items.values()):
        yield from list(partition.values())
