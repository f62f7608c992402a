"""How many requests each token has sent in a minute."""

from datetime import datetime, timedelta

from chalicelib.store.tables import TokenItem

_KEPT_FOR = timedelta(hours=1)


def counted(token_id: str, now: datetime) -> int:
    """Count one more request of a token, and return how many it sent in this minute."""
    item = TokenItem(f"rate#{token_id}", f"{now:%Y-%m-%dT%H:%M}")
    item.update(
        actions=[
            TokenItem.revision.add(1),
            TokenItem.expires_at.set(int((now + _KEPT_FOR).timestamp())),
        ]
    )
    return int(item.revision)
