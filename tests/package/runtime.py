"""What Lambda's runtime does: `python -I -S -u runtime.py DIRECTORY`, a package unzipped.

So started it sees the standard library and the package, nothing else. It reads invocations of the
package's functions, a line of JSON each, and answers each with a line, which tells too what was
called in AWS. What they print is a log.
"""

import importlib
import json
import os
import sys
import time
import traceback
import uuid
from typing import Any


class Context:
    """What a handler is told of its function and of this invocation."""

    function_version = "$LATEST"

    def __init__(self, configuration: dict[str, Any]) -> None:
        self.function_name = configuration["FunctionName"]
        self.invoked_function_arn = configuration["FunctionArn"]
        self.memory_limit_in_mb = str(configuration["MemorySize"])
        self.aws_request_id = str(uuid.uuid4())
        self._end = time.monotonic() + configuration["Timeout"]

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""
        return int(1000 * (self._end - time.monotonic()))


def main(directory: str) -> None:
    """Answer invocations until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path.insert(0, directory)
    calls = recorded()
    for line in sys.stdin:
        configuration, event = json.loads(line)
        module, name = configuration["Handler"].rsplit(".", 1)
        answer: dict[str, Any]
        try:
            function = getattr(importlib.import_module(module), name)
            answer = {"answer": function(event, Context(configuration))}
        except Exception as error:
            traceback.print_exc()
            answer = {"failed": repr(error)}
        answer["calls"] = calls[:]
        calls.clear()
        print(json.dumps(answer, default=repr), file=answers, flush=True)


def recorded() -> list[Any]:
    """Where all that clients call from now on is kept: service, operation and parameters."""
    from botocore.client import BaseClient

    calls: list[Any] = []
    call = BaseClient._make_api_call

    def recording(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        calls.append([client.meta.service_model.service_name, operation, parameters])
        return call(client, operation, parameters)

    BaseClient._make_api_call = recording
    return calls


if __name__ == "__main__":
    main(*sys.argv[1:])
