"""Faults between botocore and the embedded AWS, at a call that is chosen by its number.

They are put where moto answers: botocore asks every handler of `before-send`, also those behind one
that has answered, so a handler of ours before moto's could not keep a write from happening.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.retries.quota import RetryQuota
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

_answer = BotocoreStubber.__call__


class Fault(StrEnum):
    """What can happen to a call."""

    THROTTLED_ONCE = "throttled, then fine"
    THROTTLED = "throttled for good"
    BROKEN = "500"
    CUT_OFF = "connection lost before, and for good"
    ANSWER_LOST = "answer lost after the write, then fine"
    ANSWER_LOST_AND_CUT_OFF = "answer lost after the write, and the connection for good"
    KILLED_BEFORE = "process killed before"
    KILLED_AFTER = "process killed after the write"


class Killed(BaseException):
    """What no handler of errors sees: the process is gone."""


class Calls:
    """Counts the calls to AWS, and lets the one with a number go wrong.

    A call that botocore sends again is still the same one; the header with its id tells.

    Attributes:
        names: what was called, such as `dynamodb.TransactWriteItems`, in order.
    """

    def __init__(self, number: int = 0, fault: Fault | None = None) -> None:
        self.names: list[str] = []
        self._number = number
        self._fault = fault
        self._last = ""
        self._attempts = 0
        self._cut_off = False

    @property
    def struck(self) -> bool:
        """Whether the call that was to go wrong came."""
        return len(self.names) >= self._number

    def answer(self, stub: BotocoreStubber, event: str, request: Any) -> Any:
        """Moto's answer to a request, or what comes of it in its place."""
        sent = str(request.headers["amz-sdk-invocation-id"])
        if sent != self._last:
            self._last, self._attempts = sent, 0
            self.names.append(event.removeprefix("before-send."))
        self._attempts += 1
        if self._cut_off:
            raise ConnectionClosedError(endpoint_url=request.url)
        if len(self.names) != self._number or self._fault is None:
            return _answer(stub, event, request)
        return self._go_wrong(self._fault, stub, event, request)

    def _go_wrong(self, fault: Fault, stub: BotocoreStubber, event: str, request: Any) -> Any:
        first = self._attempts == 1
        if fault is Fault.KILLED_BEFORE:
            raise Killed
        if fault is Fault.THROTTLED or (fault is Fault.THROTTLED_ONCE and first):
            return _error(request, event, 400, "ThrottlingException")
        if fault is Fault.BROKEN:
            return _error(request, event, 500, "InternalServerError")
        if fault is Fault.CUT_OFF:
            self._cut_off = True
            raise ConnectionClosedError(endpoint_url=request.url)
        answer = _answer(stub, event, request)
        if fault is Fault.KILLED_AFTER:
            raise Killed
        self._cut_off = fault is Fault.ANSWER_LOST_AND_CUT_OFF
        if self._cut_off or (fault is Fault.ANSWER_LOST and first):
            raise ConnectionClosedError(endpoint_url=request.url)
        return answer


def _error(request: Any, event: str, status: int, code: str) -> AWSResponse:
    """An error as the service that was called tells it."""
    if ".s3." in event:
        code = {"ThrottlingException": "SlowDown"}.get(code, "InternalError")
        body, status = f"<Error><Code>{code}</Code></Error>", 503 if code == "SlowDown" else 500
    else:
        body = json.dumps({"__type": code, "message": "injected"})
    return AWSResponse(request.url, status, {}, MockRawResponse(body.encode()))


@contextmanager
def injected(calls: Calls) -> Iterator[None]:
    """While inside, every call goes through these; botocore waits for nothing before it retries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", lambda _: None)
        # A client that met many faults would stop to retry, and this one has met thousands.
        patch.setattr(RetryQuota, "acquire", lambda *_, **__: True)
        patch.setattr(
            BotocoreStubber,
            "__call__",
            lambda stub, event_name, request, **_: calls.answer(stub, event_name, request),
        )
        yield
