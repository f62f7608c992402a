"""A scope's index in S3, so that a new process need not build it anew."""

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.store import objects


def read(scope: str) -> bytes | None:
    """The index that was kept, None where there is none or S3 does not give it."""
    try:
        return objects.read(_key(scope))
    except (ClientError, BotoCoreError):
        return None


def write(scope: str, content: bytes) -> bool:
    """Keep an index in place of the one before; False where S3 does not take it."""
    try:
        objects.write(_key(scope), content, "application/octet-stream")
    except (ClientError, BotoCoreError):
        return False
    return True


def _key(scope: str) -> str:
    return f"indexes/{scope}.npz"
