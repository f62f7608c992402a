"""A packaged stage in an account: its stack on the embedded AWS, its functions as Lambda runs them.

The stack is created of the template by moto's CloudFormation. The functions of each zip file of the
package run in a process that sees it alone, have the environment that the stack gave them, and get
what the stack's own API, event source mappings and rules send to them.
"""

import contextlib
import json
import logging
import re
import secrets
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer

from infra.expand import CODE_BUCKET, expanded
from local.workers import as_event, as_record, scheduled
from tests.api import Answer
from tests.package.rights import REGION, Right, needed

HOST = "127.0.0.1"
#: What the application stands on and moto's CloudFormation skips: made here, as the template says.
MADE_HERE = {"UserPool", "UserPoolClient", "ReviewerGroup", "LeadGroup", "AuditorGroup"}
MADE_HERE |= {"SigningKey"}
#: What it skips too, and what changes nothing for the application here.
SKIPPED = {"AWS::CloudWatch::Alarm", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"}
SKIPPED |= {"AWS::SNS::Subscription"}


class Account:
    """An account on the embedded AWS with a stage's stack in it.

    Args:
        template: as `infra.package` writes it.
    """

    def __init__(self, template: dict[str, Any]) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells of every call
        self._aws = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
        self._aws.start()
        self.environment = {
            "AWS_ENDPOINT_URL": "http://{}:{}".format(*self._aws.get_host_and_port()),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": secrets.token_hex(8),
            "AWS_SECRET_ACCESS_KEY": secrets.token_hex(16),
        }
        self.client = partial(
            boto3.client,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )
        self.stage = str(template["Parameters"]["Stage"]["Default"])
        self.template = expanded(template)
        self.made_here: dict[str, str] = {}
        self._create()

    def stop(self) -> None:
        """End the embedded AWS."""
        self._aws.stop()

    def _create(self) -> None:
        """Create the stack; what is made here is there before, and comes in as parameters."""
        s3 = self.client("s3")
        with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(
                Bucket=CODE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        for name in ("deployment.zip", "light.zip"):
            s3.put_object(Bucket=CODE_BUCKET, Key=name, Body=b"its place; moto runs nothing")
        self.made_here = self._pool() | {"SigningKey": self._signing_key()}
        body = {
            **self.template,
            "Parameters": self.template["Parameters"]
            | {name: {"Type": "String"} for name in self.made_here},
            "Resources": {
                name: resource
                for name, resource in self.template["Resources"].items()
                if name not in MADE_HERE and not is_of_api(name, resource)
            },
            "Outputs": {
                name: output
                for name, output in self.template["Outputs"].items()
                if not is_of_api(name, output)
            },
        }
        self.client("cloudformation").create_stack(
            StackName=f"precedent-{self.stage}",
            TemplateBody=json.dumps(body),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in self.made_here.items()
            ],
        )

    def _pool(self) -> dict[str, str]:
        """The user pool, its client and its groups."""
        cognito = self.client("cognito-idp")
        properties = self._properties("UserPool")
        name = properties.pop("UserPoolName")
        pool = cognito.create_user_pool(PoolName=name, **properties)["UserPool"]["Id"]
        client = cognito.create_user_pool_client(
            **self._properties("UserPoolClient") | {"UserPoolId": pool}
        )
        for group in ("ReviewerGroup", "LeadGroup", "AuditorGroup"):
            cognito.create_group(**self._properties(group) | {"UserPoolId": pool})
        return {"UserPool": pool, "UserPoolClient": client["UserPoolClient"]["ClientId"]}

    def _signing_key(self) -> str:
        properties = self._properties("SigningKey")
        manager = self.client("secretsmanager")
        drawn = manager.get_random_password(**properties.pop("GenerateSecretString"))
        key = manager.create_secret(SecretString=drawn["RandomPassword"], **properties)
        return str(key["ARN"])

    def _properties(self, name: str) -> dict[str, Any]:
        """What the template says of a resource, with the stage in its names."""
        text = json.dumps(self.template["Resources"][name]["Properties"])
        properties: dict[str, Any] = json.loads(text, object_hook=self._staged)
        return properties

    def _staged(self, value: dict[str, Any]) -> Any:
        return value["Fn::Sub"].replace("${Stage}", self.stage) if "Fn::Sub" in value else value

    def state(self) -> dict[str, Any]:
        """The stack as CloudFormation describes it."""
        answer = self.client("cloudformation").describe_stacks(StackName=f"precedent-{self.stage}")
        stack: dict[str, Any] = answer["Stacks"][0]
        return stack

    def resources(self) -> set[str]:
        """The names in the template of all that CloudFormation has made."""
        cloudformation = self.client("cloudformation")
        pages = cloudformation.get_paginator("list_stack_resources")
        made = pages.paginate(StackName=f"precedent-{self.stage}")
        return {
            each["LogicalResourceId"] for page in made for each in page["StackResourceSummaries"]
        }

    def functions(self) -> dict[str, dict[str, Any]]:
        """The configuration of each function by its name in the template."""
        made = self.client("lambda").list_functions()["Functions"]
        begin = f"precedent-{self.stage}-"
        return {
            each["FunctionName"].removeprefix(begin).rpartition("-")[0]: each
            for each in made
            if each["FunctionName"].startswith(begin)
        }


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


def is_of_api(name: str, part: Any) -> bool:
    """Whether this is of the API, which moto cannot make: it reads no Swagger 2, as Chalice writes.

    `Functions.request` does what the API would, by what the template says of it.
    """
    return "RestAPI" in name or "RestAPI" in json.dumps(part)
