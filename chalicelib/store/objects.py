"""Objects in S3: exports, and documents too large for an item."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import boto3

from chalicelib.settings import deployment

_LINK_SECONDS = 3600


@dataclass(frozen=True)
class Found:
    """What is told of an object: its current version, when that was written, and what with it."""

    version: str
    written_at: datetime
    metadata: dict[str, str]


@cache
def _s3() -> Any:
    return boto3.client("s3")


def write(
    key: str, body: bytes, content_type: str, metadata: Mapping[str, str] | None = None
) -> str:
    """Put an object and return its SHA-256; writing the same again changes nothing.

    Args:
        metadata: what is kept with it: ASCII, of at most 2 KB.
    """
    _s3().put_object(
        Bucket=deployment().bucket,
        Key=key,
        Body=body,
        ContentType=content_type,
        Metadata=metadata or {},
    )
    return hashlib.sha256(body).hexdigest()


def read(key: str) -> bytes:
    """An object's content."""
    answer = _s3().get_object(Bucket=deployment().bucket, Key=key)
    return bytes(answer["Body"].read())


def find(key: str) -> Found:
    """What is told of an object."""
    told = _s3().head_object(Bucket=deployment().bucket, Key=key)
    return Found(told["VersionId"], told["LastModified"], told["Metadata"])


def written_before(prefix: str, time: datetime, after: str = "") -> Iterator[str]:
    """The keys below a prefix, behind another key, of objects last written before a time."""
    pages = (
        _s3()
        .get_paginator("list_objects_v2")
        .paginate(Bucket=deployment().bucket, Prefix=prefix, StartAfter=after)
    )
    for page in pages:
        for each in page.get("Contents", []):
            if each["LastModified"] < time:
                yield str(each["Key"])


def delete(key: str, version: str | None = None) -> None:
    """Delete an object, or one version of it for good; one that is not there is deleted already."""
    which = {"VersionId": version} if version else {}
    _s3().delete_object(Bucket=deployment().bucket, Key=key, **which)


def forget(prefix: str) -> None:
    """Delete the objects below a prefix with all their versions, so that none can be restored."""
    pages = (
        _s3()
        .get_paginator("list_object_versions")
        .paginate(Bucket=deployment().bucket, Prefix=prefix)
    )
    for page in pages:
        for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            _s3().delete_object(
                Bucket=deployment().bucket, Key=each["Key"], VersionId=each["VersionId"]
            )


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
