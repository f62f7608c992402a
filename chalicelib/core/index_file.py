"""An index as bytes: NumPy's own format, numbered, without anything that could run when read."""

import io
import json
from dataclasses import asdict, astuple
from typing import Any
from zipfile import BadZipFile

import numpy as np

from chalicelib.core.bm25 import Postings
from chalicelib.core.incidents import Severity
from chalicelib.core.relevance import Index, index_with
from chalicelib.core.situations import Candidate

#: Goes up when the format, or what a text's terms are or weigh, changes; others are not read.
FORMAT = 4

_ARRAYS = ("terms", "starts", "texts", "impacts", "signs", "usual_shares")


def packed(index: Index, told: dict[str, Any]) -> bytes:
    """The index as bytes, with what else is to be kept beside it (as JSON can tell it)."""
    arrays = {name: getattr(index.postings, name) for name in _ARRAYS}
    arrays["signs"] = np.packbits(arrays["signs"])
    head = {
        "format": FORMAT,
        "candidates": [astuple(candidate) for candidate in index.candidates],
        "told": told,
    }
    out = io.BytesIO()
    np.savez(out, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)
    return out.getvalue()


def unpacked(content: bytes) -> tuple[Index, dict[str, Any]]:
    """The index that `packed` made bytes of, and what was kept beside it.

    Raises:
        ValueError: these are no bytes of ours, or those of another format.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            head = json.loads(file["head"].tobytes())
            arrays = {name: file[name] for name in _ARRAYS}
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ValueError(f"this is no index: {error}") from error
    if head.get("format") != FORMAT:
        raise ValueError(f"the index has another format than {FORMAT}")
    candidates = tuple(_candidate(*values) for values in head["candidates"])
    signs = np.unpackbits(arrays["signs"], count=len(arrays["texts"])).astype(bool)
    postings = Postings(**{**arrays, "signs": signs})
    return index_with(candidates, postings), dict(head["told"])


def _candidate(*values: Any) -> Candidate:
    fields = dict(zip(asdict(Candidate("")), values, strict=True))
    fields["systems"] = tuple(fields["systems"])
    fields["severities"] = tuple(Severity(each) for each in fields["severities"])
    return Candidate(**fields)
