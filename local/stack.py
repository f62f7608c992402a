"""Everything that a development machine runs: the embedded AWS, the app, and its workers.

The environment has to be set before the app is imported, because the app reads it once. So
`start` does things in that order, and nothing here imports the app at the top.
"""

import logging
import os
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import ChaliceRequestHandler, LocalDevServer
from moto.server import ThreadedMotoServer

from local import infrastructure, moto_patches
from local.workers import Workers

HOST = "127.0.0.1"
REGION = "eu-west-1"
STAGE = "local"
#: The callers of the local environment; the names of the tokens say that they are no secrets.
TOKENS = {"agent": "local-agent-token", "reviewer": "local-reviewer-token"}
TOKENS["operator"] = "local-operator-token"


class _Handler(ChaliceRequestHandler):
    """Chalice's, without waiting 40 ms for a client's acknowledgement between head and body."""

    disable_nagle_algorithm = True

    #: Methods to which Python's server would answer 501, where a route that has none says 405.
    do_TRACE = do_QUERY = ChaliceRequestHandler.do_GET

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing of requests that went well; the app's own log has the others."""


@dataclass
class Stack:
    """What runs, and how to end it."""

    url: str
    app: Chalice
    workers: Workers
    _server: LocalDevServer
    _aws: ThreadedMotoServer

    def stop(self) -> None:
        """End the server, the workers and the embedded AWS."""
        self._server.shutdown()
        self._server.server.server_close()
        self.workers.stop()
        self._aws.stop()


def start(port: int = 0) -> Stack:
    """Start everything, empty.

    Args:
        port: where the app is to answer; 0 takes one that is free.

    Raises:
        OSError: the port is taken.
    """
    logging.getLogger("werkzeug").setLevel(
        logging.ERROR
    )  # a line for every call to the embedded AWS
    aws = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    aws.start()
    _, aws_port = aws.get_host_and_port()
    moto_patches.install()
    _set_environment(f"http://{HOST}:{aws_port}")
    os.environ.update(infrastructure.create(os.environ["AWS_ENDPOINT_URL"], STAGE))

    from app import app

    _issue_tokens()
    config = Config.create(chalice_app=app, project_dir=".", app_name="precedent")
    server = LocalDevServer(app, config, HOST, port, handler_cls=_Handler)
    threading.Thread(target=server.server.serve_forever, daemon=True).start()
    workers = Workers(app)
    workers.start()
    return Stack(f"http://{HOST}:{server.server.server_port}", app, workers, server, aws)


def _set_environment(endpoint_url: str) -> None:
    """What Lambda would have set, and keys that the embedded AWS does not look at."""
    os.environ.update(
        AWS_ENDPOINT_URL=endpoint_url,
        AWS_DEFAULT_REGION=REGION,
        AWS_ACCESS_KEY_ID=secrets.token_hex(8),
        AWS_SECRET_ACCESS_KEY=secrets.token_hex(16),
        POWERTOOLS_TRACE_DISABLED="true",
        POWERTOOLS_METRICS_DISABLED="true",
    )
    os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "WARNING")
    os.environ.pop("AWS_PROFILE", None)
    os.environ.pop("AWS_SESSION_TOKEN", None)


def _issue_tokens() -> None:
    from chalicelib.core.callers import EVERY_SCOPE, SYSTEM
    from chalicelib.store.tokens import TokenGrant, add
    from chalicelib.store.transaction import Transaction

    with Transaction(SYSTEM.coming("command"), now()) as transaction:
        for role, token in TOKENS.items():
            grant = TokenGrant(
                token_id=f"tok_local_{role}",
                name=f"local-{role}",
                role=role,
                scopes=[EVERY_SCOPE],
                created_at=now(),
                created_by=SYSTEM.actor,
            )
            add(transaction, token, grant)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
