"""The deployed infrastructure on the embedded AWS, made from the template that is deployed.

moto's CloudFormation makes the tables, the bucket, the bus with its rule, and the queues. What it
leaves out and the product needs is made here with the services' own calls.
"""

import json
import secrets
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import yaml

TEMPLATE = Path(__file__).parent.parent / "infra" / "template.yaml"
#: The reviewers of the local environment, with passwords that say that they are no secrets.
REVIEWERS = {"reviewer": "local-reviewer", "reviewer2": "local-reviewer2"}
#: What moto's CloudFormation makes for us. It skips policies and alarms, which one machine can do
#: without, and the user pool and the secret, which are made below.
MADE_BY_MOTO = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
}
#: The local passwords are weaker than the deployed pool would allow.
_LOCAL_PASSWORDS = {
    "MinimumLength": 6,
    "RequireLowercase": True,
    "RequireNumbers": False,
    "RequireSymbols": False,
    "RequireUppercase": False,
}


def create(endpoint_url: str | None, stage: str) -> dict[str, str]:
    """Create everything that the functions need, and return what they are told of it.

    Args:
        endpoint_url: where the embedded AWS answers; None where moto is patched into this process.
        stage: the stage, part of every name.

    Returns:
        The environment variables that the template gives the functions.
    """
    template = yaml.safe_load(TEMPLATE.read_text())
    resources = template["Resources"]
    client = partial(boto3.client, endpoint_url=endpoint_url)
    made = {
        name: resource
        for name, resource in resources.items()
        if resource.get("Type") in MADE_BY_MOTO
    }
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    known = {
        name: value
        for name, value in variables.items()
        if value.get("Ref", "Stage") in {"Stage", *made}
    }
    environment = _stack(client("cloudformation"), template["Parameters"], made, known, stage)
    _expire(client("dynamodb"), made, stage)
    # This too is forgotten by moto's CloudFormation.
    client("s3").put_bucket_versioning(
        Bucket=environment["PRECEDENT_BUCKET"],
        VersioningConfiguration=resources["Bucket"]["Properties"]["VersioningConfiguration"],
    )
    environment["PRECEDENT_USER_POOL_CLIENT_ID"] = _user_pool(
        client("cognito-idp"), resources, stage
    )
    environment["PRECEDENT_SECRET"] = client("secretsmanager").create_secret(
        Name=_name(resources["SigningKey"]["Properties"]["Name"], stage),
        SecretString=secrets.token_hex(32),
    )["ARN"]
    return environment


def _stack(
    cloudformation: Any, parameters: Any, resources: Any, variables: dict[str, Any], stage: str
) -> dict[str, str]:
    """Create the resources as a stack whose outputs are the variables, and return these."""
    body = {
        "Parameters": parameters,
        "Resources": resources,
        "Outputs": {_output(name): {"Value": value} for name, value in variables.items()},
    }
    name = f"precedent-{stage}"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
    )
    outputs = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    values = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    return {name: values[_output(name)] for name in variables}


def _output(variable: str) -> str:
    """An environment variable's name as CloudFormation allows an output's: without underscores."""
    return variable.title().replace("_", "")


def _expire(dynamodb: Any, resources: Any, stage: str) -> None:
    """Set the time to live of the tables that have one, which moto's CloudFormation forgets."""
    for resource in resources.values():
        properties = resource["Properties"]
        if "TimeToLiveSpecification" in properties:
            dynamodb.update_time_to_live(
                TableName=_name(properties["TableName"], stage),
                TimeToLiveSpecification=properties["TimeToLiveSpecification"],
            )


def _user_pool(cognito: Any, resources: Any, stage: str) -> str:
    """Create the user pool with its group and the local reviewers; return its client's id."""
    pool = cognito.create_user_pool(
        PoolName=_name(resources["UserPool"]["Properties"]["UserPoolName"], stage),
        Policies={"PasswordPolicy": _LOCAL_PASSWORDS},
    )["UserPool"]["Id"]
    pages = resources["UserPoolClient"]["Properties"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName=_name(pages["ClientName"], stage),
        ExplicitAuthFlows=pages["ExplicitAuthFlows"],
    )["UserPoolClient"]["ClientId"]
    group = {
        "UserPoolId": pool,
        "GroupName": resources["ReviewerGroup"]["Properties"]["GroupName"],
    }
    cognito.create_group(**group)
    for username, password in REVIEWERS.items():
        cognito.admin_create_user(UserPoolId=pool, Username=username, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=username, Password=password, Permanent=True
        )
        cognito.admin_add_user_to_group(**group, Username=username)
    return str(client)


def _name(value: dict[str, str], stage: str) -> str:
    """A name that the template builds of the stage."""
    return value["Fn::Sub"].replace("${Stage}", stage)
