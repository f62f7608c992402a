"""Ask for a person to be taken out of all that is kept; the daily sweep does it.

It scans whole tables, for which no request has the time and the API no rights.
"""

from datetime import datetime
from typing import Any

from chalicelib.core.callers import EVERY_SCOPE
from chalicelib.core.erasure import (
    Erasure,
    ErasureRequest,
    ErasureStatus,
    is_address,
    pseudonym_of,
)
from chalicelib.observability import logger
from chalicelib.redaction import PLACEHOLDER
from chalicelib.services import erase
from chalicelib.services.access import SYSTEM, Caller, check_scope, missing, signing_key
from chalicelib.services.errors import invalid, validated
from chalicelib.services.repeats import new_id
from chalicelib.store import erasures as store
from chalicelib.store.transaction import Transaction


def request(body: Any, sent: Any, caller: Caller, now: datetime) -> Erasure:
    """Keep a name until the next sweep has put a pseudonym in its place everywhere.

    Of an e-mail address, nothing but the pseudonym is kept.

    Args:
        body: what was asked for, redacted.
        sent: the same as it was sent; an address is looked at here, and nowhere else.

    Raises:
        InvalidInput: the body has no name, or none that can be told here.
        Forbidden: the caller does not reach every scope.
    """
    check_scope(caller, EVERY_SCOPE)
    name = " ".join(validated(ErasureRequest, body).name.split())
    erase.check_name(name)
    said = sent["name"].strip()
    address = said if is_address(said) else None
    if address is None and PLACEHOLDER.search(name):
        raise invalid("name", "is redacted from all that is sent; use the command infra.erase")
    erasure = Erasure(
        erasure_id=new_id("era"),
        pseudonym=pseudonym_of(address or name, signing_key()),
        requested_by=caller.name,
        requested_at=now,
    )
    with Transaction(caller, now) as transaction:
        store.create(transaction, erasure, None if address else name)
        told = {"erasure_id": erasure.erasure_id}
        entity = f"person:{erasure.pseudonym}"
        transaction.audit(EVERY_SCOPE, entity, "erasure requested", told)
    return erasure


def find(erasure_id: str, caller: Caller) -> Erasure:
    """The erasure with that id.

    Raises:
        NotFound: there is none, or the caller does not reach every scope.
    """
    erasure = store.get(erasure_id)
    if erasure is None or not caller.reaches(EVERY_SCOPE):
        raise missing("erasure", erasure_id)
    return erasure


def erase_waiting(now: datetime) -> int:
    """Do what was asked for, and return how many erasures are done.

    One that fails is logged, and goes on the next time from where it came to.
    """
    done = 0
    for erasure_id, name in store.waiting():
        try:
            _finish(erasure_id, name, now)
            done += 1
        except Exception as error:
            # Neither the name nor a traceback, whose values may hold it.
            logger.error("erasure failed", erasure_id=erasure_id, error=type(error).__name__)
    return done


def _finish(erasure_id: str, name: str | None, now: datetime) -> None:
    erasure = store.get(erasure_id)
    if erasure is None:
        return
    if name is None:
        changed = erase.erase_address(erasure.pseudonym, SYSTEM, now)
    else:
        _, changed = erase.erase(name, SYSTEM, now)
    completed = {
        "status": ErasureStatus.COMPLETED,
        "finished_at": now,
        "changed": dict(changed),
    }
    with Transaction(SYSTEM, now) as transaction:
        store.complete(transaction, erasure.model_copy(update=completed))
