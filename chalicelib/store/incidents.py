"""Incidents in DynamoDB: by id, and by scope and day.

A scope's incidents are read day by day through the index `by_day`. Marker items say which scopes
there are and on which days each has incidents, so that a window of ten years is read without
asking for each of its days.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from chalicelib.core.callers import Caller
from chalicelib.core.fields import format_time
from chalicelib.core.incidents import Incident, following
from chalicelib.store.documents import MAX_DOCUMENT_BYTES
from chalicelib.store.paging import MAX_CHARACTERS, Page, Position
from chalicelib.store.tables import IncidentItem
from chalicelib.store.transaction import MAX_BYTES, MAX_ITEMS, Transaction

_ITEMS_AN_INCIDENT = 3  # itself, its audit entry and its day's marker
_ITEMS_A_CHUNK = 2  # the marker of the scope, and where its trail ends


def key_of(scope: str, incident_id: str) -> str:
    """The partition key of an incident, and its name in the audit trail."""
    return f"{scope}#{incident_id}"


def get(scope: str, incident_id: str) -> Incident | None:
    """The incident with that id, None where there is none."""
    found = list(get_many(scope, [incident_id]))
    return found[0] if found else None


def get_many(scope: str, incident_ids: Sequence[str]) -> Iterator[Incident]:
    """Those of the incidents that there are, in no particular order."""
    keys = [(key_of(scope, each), "incident") for each in dict.fromkeys(incident_ids)]
    for item in IncidentItem.batch_get(keys, attributes_to_get=["document", "object_key"]):
        yield _incident(item)


def unknown(scope: str, incident_ids: Sequence[str]) -> list[str]:
    """Those of the ids that no incident of the scope has, in the order given."""
    keys = {each: key_of(scope, each) for each in incident_ids}
    items = IncidentItem.batch_get(
        [(key, "incident") for key in keys.values()], attributes_to_get=["pk", "sk"]
    )
    there = {item.pk for item in items}
    return [each for each, key in keys.items() if key not in there]


def save(incidents: Sequence[Incident], caller: Caller, now: datetime) -> list[Incident]:
    """Keep incidents, each in place of an older report of the same id; unchanged ones stay.

    The incidents are of one scope and of distinct ids. They are written in as few transactions
    as DynamoDB's limits allow, each incident whole with its audit entry.

    Returns:
        The incidents as they are kept: those that were resolved before count as reopened.
    """
    keys = [(_key(incident), "incident") for incident in incidents]
    known = {item.pk: _incident(item) for item in IncidentItem.batch_get(keys)}
    kept = [
        following(each, known[_key(each)]) if _key(each) in known else each for each in incidents
    ]
    changed = [
        each for each in kept if _key(each) not in known or known[_key(each)].digest != each.digest
    ]
    for chunk in _chunks(changed):
        with Transaction(caller, now) as transaction:
            _write(transaction, chunk, known)
    return kept


def save_with(transaction: Transaction, incident: Incident) -> Incident:
    """As `save`, of one incident and together with what else the transaction writes."""
    earlier = get(incident.scope, incident.incident_id)
    kept = following(incident, earlier) if earlier else incident
    if earlier is None or earlier.digest != kept.digest:
        _write(transaction, [kept], {_key(earlier): earlier} if earlier else {})
    return kept


def window(scope: str, start: datetime, end: datetime) -> Iterator[Incident]:
    """The scope's incidents that were opened from start to end, oldest first."""
    first, last = format_time(start), format_time(end)
    for day in reversed(_days(scope)):
        if first[:10] <= day <= last[:10]:
            for item in IncidentItem.by_day.query(f"{scope}#{day}"):
                incident = _incident(item)
                if start <= incident.opened_at <= end:
                    yield incident


def latest(scope: str, start: datetime, end: datetime, most: int) -> Iterator[Incident]:
    """The scope's incidents that were opened from start to end, the latest first, `most` of them.

    It asks for each day of the window, so it is for windows of a few days.
    """
    first, last = format_time(start), format_time(end)
    left, day = most, end.astimezone(UTC).date()
    while left > 0 and day.isoformat() >= first[:10]:
        opened = IncidentItem.day_sk.between(first, f"{last}$")
        key = f"{scope}#{day.isoformat()}"
        for item in IncidentItem.by_day.query(key, opened, scan_index_forward=False, limit=left):
            left -= 1
            yield _incident(item)
        day -= timedelta(days=1)


def page(scope: str, limit: int, position: Position | None) -> Page[Incident]:
    """A page of the scope's incidents, the latest first, or as much of it as fits an answer."""
    items: list[Incident] = []
    size = 0
    start = (position or {}).get("day", "9999")
    for day in (day for day in _days(scope) if day <= start):
        after = position["key"] if position and day == start else None
        results = IncidentItem.by_day.query(
            f"{scope}#{day}",
            scan_index_forward=False,
            limit=limit - len(items),
            last_evaluated_key=after,
        )
        for item in results:
            items.append(_incident(item))
            size += len(item.document or items[-1].model_dump_json())
            if size > MAX_CHARACTERS:
                break
        if results.last_evaluated_key is not None:
            return Page(items, {"day": day, "key": results.last_evaluated_key})
        if len(items) == limit or size > MAX_CHARACTERS:
            earlier = next((each for each in _days(scope) if each < day), None)
            return Page(items, {"day": earlier, "key": None} if earlier else None)
    return Page(items, None)


def before(scope: str, day: str) -> Iterator[Incident]:
    """The scope's incidents that were opened before a day such as `2026-01-31`."""
    for earlier in _days(scope):
        if earlier < day:
            yield from map(_incident, IncidentItem.by_day.query(f"{scope}#{earlier}"))


def remove(transaction: Transaction, incident: Incident) -> None:
    """Delete an incident, and what another tool's ticket said of it.

    Raises:
        Conflict: (from the transaction) it is gone already, or is said to have opened at another
            time by now.
    """
    item = _item(incident)
    transaction.delete(item, IncidentItem.day_sk == item.day_sk)
    transaction.delete(IncidentItem(item.pk, "ticket"))


def scopes() -> list[str]:
    """Every scope that ever had an incident."""
    return [item.sk for item in IncidentItem.query("scopes")]


def _write(
    transaction: Transaction, incidents: Sequence[Incident], known: Mapping[str, Incident]
) -> None:
    """Write incidents with their audit entries and markers; the known ones were there before."""
    for marker in _new_markers(incidents):
        transaction.put(IncidentItem(*marker))
    for incident in incidents:
        transaction.put(_item(incident))
        before = known.get(_key(incident))
        entity = f"incident:{_key(incident)}"
        if before is None:  # what it says is in it
            transaction.audit(incident.scope, entity, "reported")
        else:
            transaction.audit(incident.scope, entity, "replaced", before=before, after=incident)


def _days(scope: str) -> list[str]:
    """The days on which the scope has, or had, incidents; the latest first."""
    return [item.sk for item in IncidentItem.query(f"days#{scope}", scan_index_forward=False)]


def _key(incident: Incident) -> str:
    return key_of(incident.scope, incident.incident_id)


def _item(incident: Incident) -> IncidentItem:
    opened = format_time(incident.opened_at)
    return IncidentItem(
        _key(incident),
        "incident",
        document=incident.model_dump_json(),
        day=f"{incident.scope}#{opened[:10]}",
        day_sk=f"{opened}#{incident.incident_id}",
    )


def _incident(item: IncidentItem) -> Incident:
    return Incident.model_validate_json(item.text)


def _chunks(incidents: Iterable[Incident]) -> Iterator[list[Incident]]:
    """The incidents in groups that fit a transaction each."""
    chunk: list[Incident] = []
    size = 0
    for incident in incidents:
        length = min(len(incident.model_dump_json().encode()), MAX_DOCUMENT_BYTES)
        full = (len(chunk) + 1) * _ITEMS_AN_INCIDENT + _ITEMS_A_CHUNK > MAX_ITEMS
        if chunk and (full or size + length > MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(incident)
        size += length
    if chunk:
        yield chunk


def _new_markers(incidents: Sequence[Incident]) -> list[tuple[str, str]]:
    """The markers of these incidents' scopes and days that are not there yet."""
    markers = {("scopes", incident.scope) for incident in incidents}
    for incident in incidents:
        markers.add((f"days#{incident.scope}", format_time(incident.opened_at)[:10]))
    there = {(item.pk, item.sk) for item in IncidentItem.batch_get(list(markers))}
    return sorted(markers - there)
