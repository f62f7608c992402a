"""The same request twice, one effect: keys that callers choose, by Powertools over DynamoDB.

The first answer is kept for a day. A request that was refused is forgotten, so that it can be
corrected and sent again under the same key. So is one that failed on our side, although it may have
taken effect: what it created, `services.repeats` knows again.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)

from chalicelib.routes.problems import IdempotencyMismatch
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, invalid
from chalicelib.services.repeats import repeatable
from chalicelib.settings import deployment

_KEPT_SECONDS = 24 * 3600
#: How many characters a key may have.
MAX_KEY = 255


@cache
def _layer() -> DynamoDBPersistenceLayer:
    return DynamoDBPersistenceLayer(table_name=deployment().table("idempotency"))


def once(
    key: str,
    caller: Caller,
    place: str,
    body: Any,
    context: Any,
    run: Callable[[datetime], Any],
    now: datetime,
    *,
    named: str = "Idempotency-Key",
) -> Any:
    """The answer of `run`, or the answer that the same request got before.

    Args:
        key: what the caller sent as their key; keys of different callers never meet.
        caller: who is calling.
        place: the method and path, or the tool, so that a key may be used again elsewhere.
        body: what was sent; another body under the same key is refused.
        context: Lambda's, which tells when an unfinished first request is given up.
        run: does it, as at the time that it is given.
        now: the time.
        named: how the caller named the key, for what is told of it.

    Raises:
        IdempotencyMismatch: the key came with another body before.
        Conflict: the first request with this key is still running.
        InvalidInput: the key is empty or too long.
    """
    if not 1 <= len(key) <= MAX_KEY:
        raise invalid(named, f"must have 1 to {MAX_KEY} characters")
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="digest",
        expires_after_seconds=_KEPT_SECONDS,
    )

    config.register_lambda_context(context)

    name = f"{caller.actor} {place} {key}"

    def attempt(request: dict[str, str]) -> Any:
        with repeatable(f"{name} {digest}", now) as first:
            return run(first)

    answer = idempotent_function(
        attempt,
        data_keyword_argument="request",
        persistence_store=_layer(),
        config=config,
    )
    try:
        return answer(request={"key": name, "digest": digest})
    except IdempotencyValidationError:
        raise IdempotencyMismatch(
            f"This {named} was used for another request. Use a new key."
        ) from None
    except IdempotencyAlreadyInProgressError:
        raise Conflict("The first request with this key is still running. Try again.") from None
