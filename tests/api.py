"""A caller of the API, as an agent's program would be."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def bad_fields(self) -> list[str]:
        return [error["field"] for error in self.body.get("errors", [])]


@dataclass(frozen=True)
class Api:
    url: str
    token: str | None

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """One request; whatever the status is, it is an answer."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        url = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(url, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        if self.token is not None:
            request.add_header("Authorization", f"Bearer {self.token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, _json(response.read()), dict(response.headers))
        except urllib.error.HTTPError as error:
            return Answer(error.code, _json(error.read()), dict(error.headers))

    def get(self, path: str, **query: Any) -> Answer:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return self.call("POST", path, {} if body is None else body, headers)

    def narrowed(self, name: str, *scopes: str) -> "Api":
        """An agent that reaches these scopes alone, with a token from this one, an operator."""
        granted = self.post("/v1/tokens", {"name": name, "role": "agent", "scopes": scopes})
        assert granted.status == 201, granted
        return Api(self.url, granted.body["token"])

    def items(self, path: str, **query: Any) -> Iterator[Any]:
        """All items of a listing."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, **query, **cursor)
            assert page.status == 200, page
            yield from page.body["items"]
            if page.body["next_cursor"] is None:
                return
            cursor = {"cursor": page.body["next_cursor"]}

    def report(self, incidents: list[dict[str, Any]], scope: str) -> None:
        """Report incidents, all of which must be taken."""
        for start in range(0, len(incidents), 500):
            batch = [incident | {"scope": scope} for incident in incidents[start : start + 500]]
            answer = self.post("/v1/incidents/batch", {"incidents": batch})
            assert answer.body == {"accepted": len(batch), "rejected": []}, answer

    def analyse(self, scope: str, **options: Any) -> dict[str, Any]:
        """Run an analysis to its end."""
        answer = self.post("/v1/analyses", {"scope": scope, **options})
        assert answer.status == 202, answer
        return self.ended(answer.body["run_id"])

    def ended(self, run_id: str) -> dict[str, Any]:
        """The run when it has ended."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            run: dict[str, Any] = self.get(f"/v1/analyses/{run_id}").body
            if run["status"] not in ("queued", "running"):
                return run
            time.sleep(0.05)
        raise AssertionError(f"{run_id} did not end")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode()
