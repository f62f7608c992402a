"""Documents too large for an item: objects in S3, each of one item, which points at it.

An object is written before its item. So one may be there that no item points at: the item was not
written after all, or was replaced or deleted. Each object tells whose it is, by which it is found.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice, takewhile

from chalicelib.store import objects
from chalicelib.store.tables import Item

#: An item may have 400 KB, of which its keys and what is indexed need some.
MAX_DOCUMENT_BYTES = 300_000
_PLACE = "documents/"
_OWNER = "item"


def spill(item: Item) -> None:
    """Move a document that is too large for an item to S3, and let the item point at it."""
    body = (item.document or "").encode()
    if len(body) > MAX_DOCUMENT_BYTES:
        owner = _written(type(item).__name__, item.pk, item.sk)
        # Of the owner too, so that no two items share an object, and each can let go of its own.
        digest = hashlib.sha256(owner.encode() + body).hexdigest()
        item.object_key = f"{_PLACE}{digest}.json"
        objects.write(item.object_key, body, "application/json", {_OWNER: owner})
        item.document = None


def delete_orphans(before: datetime, beginning: str, most: int) -> int:
    """Delete documents that no item points at, and return how many those were.

    Args:
        before: only what was written before that is looked at, as the item of what is younger may
            just be being written.
        beginning: the first digits of the names to begin at; behind the last ones come the first.
        most: how many documents are looked at.
    """
    number = 0
    for key in islice(_from(beginning, before), most):
        found = objects.find(key)
        owner = found.metadata.get(_OWNER)
        if owner and found.written_at < before and not _is_pointed_at(key, owner):
            # That version alone, as the same document may be written again at this moment.
            objects.delete(key, found.version)
            number += 1
    return number


def _written(*owner: str) -> str:
    """Whose an object is, in ASCII, as S3 takes it; JSON's own is too long for its 2 KB."""
    return base64.urlsafe_b64encode(json.dumps(owner, ensure_ascii=False).encode()).decode()


def _from(beginning: str, before: datetime) -> Iterator[str]:
    """The keys of all documents written before a time, those from a place on first."""
    start = f"{_PLACE}{beginning}"
    return chain(
        objects.written_before(_PLACE, before, after=start),
        takewhile(lambda key: key <= start, objects.written_before(_PLACE, before)),
    )


def _is_pointed_at(key: str, owner: str) -> bool:
    name, pk, sk = json.loads(base64.urlsafe_b64decode(owner))
    kind = {each.__name__: each for each in Item.__subclasses__()}[name]
    item = kind.find(pk, sk)
    return item is not None and item.object_key == key
