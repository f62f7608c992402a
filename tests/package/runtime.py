"""What Lambda's runtime does: `python -I -S -u runtime.py DIRECTORY`, a package unzipped.

So started it sees the standard library and the package, nothing else. It reads invocations of the
package's functions, a line of JSON each, and answers each with a line. What they print is a log.
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
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
