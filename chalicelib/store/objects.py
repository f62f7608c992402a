"""Objects in S3: exports, and documents too large for an item."""

import hashlib
from functools import cache
from typing import Any

import boto3

from chalicelib.settings import deployment

_LINK_SECONDS = 3600


@cache
def _s3() -> Any:
    return boto3.client("s3")


def write(key: str, body: bytes, content_type: str) -> str:
    """Put an object and return its SHA-256; writing the same again changes nothing."""
    _s3().put_object(Bucket=deployment().bucket, Key=key, Body=body, ContentType=content_type)
    return hashlib.sha256(body).hexdigest()


def read(key: str) -> bytes:
    """An object's content."""
    answer = _s3().get_object(Bucket=deployment().bucket, Key=key)
    return bytes(answer["Body"].read())


def link(key: str) -> str:
    """A URL under which anyone who has it can read the object for an hour."""
    return str(
        _s3().generate_presigned_url(
            "get_object",
            Params={"Bucket": deployment().bucket, "Key": key},
            ExpiresIn=_LINK_SECONDS,
        )
    )


def bucket() -> str:
    """The bucket's name."""
    return deployment().bucket
