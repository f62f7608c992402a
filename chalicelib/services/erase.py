"""Take a person out of all that is kept, on their request."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.core import erasure
from chalicelib.core.callers import EVERY_SCOPE
from chalicelib.core.trail import ERASED
from chalicelib.services.access import Caller, signing_key
from chalicelib.services.errors import invalid
from chalicelib.store import erasure as store
from chalicelib.store import objects
from chalicelib.store.transaction import Transaction, batches

_A_TIME = 10  # each may have 300 KB, and a transaction takes 4 MB


def erase(name: str, caller: Caller, now: datetime) -> tuple[str, Counter[str]]:
    """Put a pseudonym in the place of a person's name, wherever that stands.

    What is done is done when this fails on its way: asked for again, it goes on with the rest.

    Returns:
        The pseudonym, and how many things of each kind were changed.

    Raises:
        InvalidInput: the name is so short that it stands for more than a person.
        Conflict: something was changed meanwhile; ask again.
    """
    name = name.strip()
    check_name(name)
    pseudonym = erasure.pseudonym_of(name, signing_key())
    change = partial(erasure.without, name=name, pseudonym=pseudonym)
    return pseudonym, _erase(change, pseudonym, caller, now)


def erase_address(pseudonym: str, caller: Caller, now: datetime) -> Counter[str]:
    """As `erase`, for an e-mail address of which nothing is known but its pseudonym."""
    change = partial(erasure.without_address, pseudonym=pseudonym, key=signing_key())
    return _erase(change, pseudonym, caller, now)


def check_name(name: str) -> None:
    """Take no name that stands for more than a person.

    Raises:
        InvalidInput: it is too short.
    """
    if len(name) < erasure.SHORTEST_NAME:
        raise invalid("name", f"must have at least {erasure.SHORTEST_NAME} characters")


def _erase(change: store.Change, pseudonym: str, caller: Caller, now: datetime) -> Counter[str]:
    done: Counter[str] = Counter()
    # First the files: once the name is out of the records, nothing would lead to them.
    for item, key in store.exports(change):
        with Transaction(caller, now) as transaction:
            transaction.delete(item, type(item).pk.exists())
            transaction.audit(EVERY_SCOPE, f"person:{pseudonym}", ERASED, {"exports": 1})
        objects.forget(key)
        done["exports"] += 1
    for table in store.TABLES:
        for some in batches(store.changed(table, change), _A_TIME):
            _write(some, EVERY_SCOPE, pseudonym, {table: len(some)}, caller, now)
            done[table] += len(some)
    for scope, found in _by_scope(store.entries(change)).items():
        for chunk in batches(found, _A_TIME):
            told = {"entries": [number for number, _ in chunk]}
            _write([each for _, each in chunk], scope, pseudonym, told, caller, now)
            done["audit"] += len(chunk)
    objects.forget("indexes/")  # made again of the playbooks
    return done


def _write(
    some: list[store.Rewritten],
    scope: str,
    pseudonym: str,
    told: dict[str, Any],
    caller: Caller,
    now: datetime,
) -> None:
    with Transaction(caller, now) as transaction:
        for each in some:
            each.put(transaction)
        transaction.audit(scope, f"person:{pseudonym}", ERASED, told)
    for each in some:
        if each.spilled:
            objects.forget(each.spilled)


def _by_scope(
    entries: Iterable[tuple[str, int, store.Rewritten]],
) -> dict[str, list[tuple[int, store.Rewritten]]]:
    found: dict[str, list[tuple[int, store.Rewritten]]] = {}
    for scope, number, entry in entries:
        found.setdefault(scope, []).append((number, entry))
    return found
