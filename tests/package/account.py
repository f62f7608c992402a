"""A packaged stage in an account: its stack on the embedded AWS, made of the template by moto."""

import contextlib
import json
import logging
import secrets
from functools import partial
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from infra.expand import CODE_BUCKET, expanded
from tests.package.rights import REGION

HOST = "127.0.0.1"
#: What the application stands on and moto's CloudFormation skips: made here, as the template says.
MADE_HERE = {"UserPool", "UserPoolClient", "ReviewerGroup", "LeadGroup", "AuditorGroup"}
MADE_HERE |= {"SigningKey"}
#: What it skips too, and is made here of what the stack has made.
ALARM = "AWS::CloudWatch::Alarm"
#: What it skips too, and what changes nothing for the application here.
SKIPPED = {"AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::Subscription"}


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
        self._ids: dict[str, str] = {}
        self._create()
        self._ids = self._made()
        self._put_alarms()

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

    def _made(self) -> dict[str, str]:
        """The ids of all that CloudFormation has made, by the names in the template."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        made = pages.paginate(StackName=f"precedent-{self.stage}")
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in made
            for each in page["StackResourceSummaries"]
        }

    def _put_alarms(self) -> None:
        cloudwatch = self.client("cloudwatch")
        for name, resource in self.template["Resources"].items():
            if resource["Type"] == ALARM:
                name_there = f"precedent-{self.stage}-{name}"
                cloudwatch.put_metric_alarm(AlarmName=name_there, **self._properties(name))

    def _properties(self, name: str) -> dict[str, Any]:
        """What the template says of a resource, with the stage and what is made in it by name."""
        text = json.dumps(self.template["Resources"][name]["Properties"])
        properties: dict[str, Any] = json.loads(text, object_hook=self._staged)
        return properties

    def _staged(self, value: dict[str, Any]) -> Any:
        if "Fn::Sub" in value:
            return value["Fn::Sub"].replace("${Stage}", self.stage)
        if value.get("Ref") in self._ids:
            return self._ids[value["Ref"]]
        if value.get("Fn::GetAtt", [None])[-1] == "QueueName":  # its URL ends with it
            return self._ids[value["Fn::GetAtt"][0]].rpartition("/")[2]
        return value

    def state(self) -> dict[str, Any]:
        """The stack as CloudFormation describes it."""
        answer = self.client("cloudformation").describe_stacks(StackName=f"precedent-{self.stage}")
        stack: dict[str, Any] = answer["Stacks"][0]
        return stack

    def resources(self) -> set[str]:
        """The names in the template of all that CloudFormation has made."""
        return set(self._ids)

    def alarms(self) -> list[dict[str, Any]]:
        """The alarms as CloudWatch describes them."""
        pages = self.client("cloudwatch").get_paginator("describe_alarms")
        found = pages.paginate(AlarmNamePrefix=f"precedent-{self.stage}-")
        return [each for page in found for each in page["MetricAlarms"]]

    def functions(self) -> dict[str, dict[str, Any]]:
        """The configuration of each function by its name in the template."""
        made = self.client("lambda").list_functions()["Functions"]
        begin = f"precedent-{self.stage}-"
        return {
            each["FunctionName"].removeprefix(begin).rpartition("-")[0]: each
            for each in made
            if each["FunctionName"].startswith(begin)
        }


def is_of_api(name: str, part: Any) -> bool:
    """Whether this is of the API, which moto cannot make: it reads no Swagger 2, as Chalice writes.

    `Functions.request` does what the API would, by what the template says of it.
    """
    return "RestAPI" in name or "RestAPI" in json.dumps(part)
