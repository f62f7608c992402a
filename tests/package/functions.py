"""The functions of a packaged stage at work, as Lambda runs them.

Those of each zip file of the package run in a process that sees it alone, have the environment that
the stack gave them, and get what the stack's own API, event source mappings and rules send to them.
"""

import contextlib
import json
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from local.workers import as_event, as_record, scheduled
from tests.api import Answer
from tests.package.account import Account
from tests.package.rights import REGION, Right, needed


class Functions:
    """The functions of an account at work.

    Args:
        account: where they are.
        code: the directory that each zip file of the package is unzipped to, by its name.
        logs: a directory for what they print.
    """

    def __init__(self, account: Account, code: dict[str, Path], logs: Path) -> None:
        self.account, self._code, self._logs = account, code, logs
        self._processes: dict[str, subprocess.Popen[str]] = {}
        #: The rights that each function has used.
        self.used: dict[str, set[Right]] = {}
        self._configurations = account.functions()
        #: What the stack gives to each, which is the same.
        self.environment, *others = (
            each["Environment"]["Variables"] for each in self._configurations.values()
        )
        assert all(each == self.environment for each in others)
        self._arns = {each["FunctionArn"]: name for name, each in self._configurations.items()}
        self._sqs = account.client("sqs")
        self._streams = account.client("dynamodbstreams")
        self._sources = list(self._take_over())

    def stop(self) -> None:
        """End them all."""
        for process in self._processes.values():
            process.kill()
            process.communicate()

    def log(self, zip_file: str) -> str:
        """What the functions of a zip file have printed."""
        return (self._logs / f"{zip_file}.log").read_text()

    def invoke(self, name: str, event: dict[str, Any]) -> Any:
        """A function's answer to an event; that it fails fails the test."""
        zip_file = self.account.template["Resources"][name]["Properties"]["Code"]["S3Key"]
        process = self._processes.get(zip_file) or self._start(zip_file)
        assert process.stdin is not None
        assert process.stdout is not None
        print(json.dumps([self._configurations[name], event]), file=process.stdin, flush=True)
        line = process.stdout.readline()
        assert line, self.log(zip_file)
        answer = json.loads(line)
        assert "answer" in answer, self.log(zip_file)
        used = self.used.setdefault(name, set())
        used.update(right for call in answer["calls"] for right in needed(*call))
        return answer["answer"]

    def _start(self, zip_file: str) -> "subprocess.Popen[str]":
        runtime = str(Path(__file__).with_name("runtime.py"))
        with (self._logs / f"{zip_file}.log").open("w") as log:
            self._processes[zip_file] = subprocess.Popen(
                [sys.executable, "-I", "-S", "-u", runtime, str(self._code[zip_file])],
                env=self.account.environment | self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        return self._processes[zip_file]

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """A request through the API that the template describes, as API Gateway hands it over."""
        place, _, query = path.partition("?")
        resource, parameters = self._resource(method, place)
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        event = {
            "resource": resource,
            "path": place,
            "httpMethod": method,
            "headers": {"Content-Type": "application/json"} | (headers or {}),
            "multiValueQueryStringParameters": urllib.parse.parse_qs(query) or None,
            "pathParameters": parameters or None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": resource,
                "httpMethod": method,
                "path": f"/api{place}",
                "stage": "api",
                "identity": {"sourceIp": "192.0.2.7"},
            },
            "body": text,
            "isBase64Encoded": False,
        }
        answer = self.invoke("APIHandler", event)
        told = {name: values[-1] for name, values in answer["multiValueHeaders"].items()}
        with contextlib.suppress(ValueError):
            answer["body"] = json.loads(answer["body"])
        return Answer(answer["statusCode"], answer["body"], told | answer["headers"])

    def _resource(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The path in the API's description that a path fits, and the parameters in it."""
        paths = self.account.template["Resources"]["RestAPI"]["Properties"]["Body"]["paths"]
        for resource in sorted(paths, key=lambda each: each.count("{")):
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", resource)
            fits = re.fullmatch(pattern, path)
            if fits and method.lower() in paths[resource]:
                return resource, fits.groupdict()
        raise LookupError(f"{method} {path}")

    def work(self) -> None:
        """Hand over what streams and queues hold, until there is no more."""
        while any(turn() for turn in self._sources):
            pass

    def _take_over(self) -> Iterator[Any]:
        """What does the event source mappings' work, which moto would do by Docker and at once."""
        tables = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][REGION].tables
        queues = get_backend("sqs")[DEFAULT_ACCOUNT_ID][REGION].queues
        for name, source in [*tables.items(), *queues.items()]:
            if name.startswith(f"precedent-{self.account.stage}-"):
                source.lambda_event_source_mappings.clear()
        aws_lambda = self.account.client("lambda")
        for mapping in aws_lambda.list_event_source_mappings()["EventSourceMappings"]:
            if mapping["FunctionArn"] in self._arns:
                name, arn = self._arns[mapping["FunctionArn"]], mapping["EventSourceArn"]
                make = self._of_queue if ":sqs:" in arn else self._of_stream
                yield partial(make(name, arn, mapping["BatchSize"]))

    def _of_queue(self, name: str, arn: str, size: int) -> Any:
        url = self._sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]

        def turn() -> bool:
            answer = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=size)
            records = [as_record(message) for message in answer.get("Messages", [])]
            if records:
                assert self.invoke(name, {"Records": records}) == {"batchItemFailures": []}
            for record in records:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])
            return bool(records)

        return turn

    def _of_stream(self, name: str, arn: str, size: int) -> Any:
        [shard] = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        place = self._streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]

        def turn() -> bool:
            nonlocal place
            answer = self._streams.get_records(ShardIterator=place, Limit=size)
            place = answer["NextShardIterator"]
            if answer["Records"]:
                self.invoke(name, {"Records": list(map(as_event, answer["Records"]))})
            return bool(answer["Records"])

        return turn

    def rules(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Of each function that a rule of the default bus calls, the schedule or the pattern."""
        events = self.account.client("events")
        return {
            self._arns[target["Arn"]]: (
                rule.get("ScheduleExpression", ""),
                json.loads(rule.get("EventPattern", "{}")),
            )
            for rule in events.list_rules()["Rules"]
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            if target["Arn"] in self._arns
        }

    def tick(self) -> list[str]:
        """Call every function that is called on a schedule, once."""
        names = sorted(name for name, (schedule, _) in self.rules().items() if schedule)
        for name in names:
            self.invoke(name, scheduled())
        return names
