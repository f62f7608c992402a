"""How much one may ask for: so many bytes at once, so many requests a minute."""

from datetime import datetime

from chalicelib.services.access import Caller
from chalicelib.settings import settings
from chalicelib.store import rates

#: Lambda takes 6 MB with everything around the body.
MAX_BODY_BYTES = 5_000_000


class TooLarge(Exception):
    """More was sent than is taken at once."""


class TooMany(Exception):
    """More requests were sent than are taken in a minute.

    Attributes:
        seconds: after how many seconds it is worth trying again.
    """

    def __init__(self, seconds: int, limit: int) -> None:
        self.seconds = seconds
        super().__init__(f"This token may send {limit:,} requests a minute. Wait {seconds} s.")


def check_size(body: bytes | str) -> None:
    """Refuse what is too large before it is read.

    Raises:
        TooLarge: it is.
    """
    size = len(body if isinstance(body, bytes) else body.encode())
    if size > MAX_BODY_BYTES:
        raise TooLarge(
            f"A body may have {MAX_BODY_BYTES:,} bytes; this one has {size:,}. Send it in parts."
        )


def check_rate(caller: Caller, now: datetime) -> None:
    """Count a request of a token, and refuse it when there were too many in this minute.

    Raises:
        TooMany: there were.
    """
    limit = settings().limits.requests_per_minute
    if caller.token_id and rates.counted(caller.token_id, now) > limit:
        raise TooMany(60 - now.second, limit)
