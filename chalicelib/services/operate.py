"""What operators and auditors read."""

from chalicelib.core.trail import BadLink, Entry, first_bad_link
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import audit
from chalicelib.store.paging import Page


def list_audit(entity: str, wanted: Wanted, caller: Caller) -> Listing[Entry]:
    """What was done to an entity, the latest first, as far as the caller reaches its scope."""

    def read(limit: int, position: dict[str, object] | None) -> Page[Entry]:
        page = audit.page(entity, limit, position)
        return Page([each for each in page.items if caller.reaches(each["scope"])], page.position)

    return listing(f"audit {entity}", wanted, read)


def list_trail(scope: str, wanted: Wanted, caller: Caller) -> Listing[Entry]:
    """What was done in a scope, the latest first.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    return listing(
        f"trail {scope}", wanted, lambda limit, at: audit.page_of_scope(scope, limit, at)
    )


def verify_trail(scope: str) -> tuple[int, BadLink | None]:
    """How many entries of a scope's trail are kept, and where it does not hold, if anywhere.

    What is written while this runs is left for the next time.
    """
    end, cut = audit.end(scope), audit.cut(scope)
    kept = (each for each in audit.trail(scope) if cut.number < each["number"] <= end.number)
    return end.number - cut.number, first_bad_link(kept, end, cut)
