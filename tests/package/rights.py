"""What functions call, held against the rights that their roles give them: moto enforces none."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

REGION = "eu-west-1"
#: What IAM calls the writes of a DynamoDB transaction.
_WRITES = {"Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem"}
_WRITES |= {"ConditionCheck": "ConditionCheckItem"}
#: Operations of S3 that IAM has other names for.
_OF_BUCKETS = {"ListObjectsV2": "ListBucket", "ListObjectVersions": "ListBucketVersions"}
#: Whoever knows the client's id may sign in; IAM is not asked.
PUBLIC = {"cognito-idp"}

Right = tuple[str, str]


def needed(service: str, operation: str, parameters: dict[str, Any]) -> Iterator[Right]:
    """The actions that IAM has to allow for a call, each with the ARN of its resource."""
    here = f"arn:aws:{service}:{REGION}:{DEFAULT_ACCOUNT_ID}:"
    if service == "dynamodb":
        for action, table in _items(operation, parameters):
            index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
            yield f"dynamodb:{action}", f"{here}table/{table}{index}"
    elif service == "s3" and operation in _OF_BUCKETS:
        yield f"s3:{_OF_BUCKETS[operation]}", f"arn:aws:s3:::{parameters['Bucket']}"
    elif service == "s3":
        version = "Version" if "VersionId" in parameters else ""
        place = f"{parameters['Bucket']}/{parameters['Key']}"
        yield f"s3:{operation}{version}", f"arn:aws:s3:::{place}"
    elif service == "sqs":
        yield f"sqs:{operation}", here + parameters["QueueUrl"].rpartition("/")[2]
    elif service == "events":
        for entry in parameters["Entries"]:
            yield f"events:{operation}", f"{here}event-bus/{entry['EventBusName']}"
    elif service == "secretsmanager":
        yield f"secretsmanager:{operation}", parameters["SecretId"]
    elif service not in PUBLIC:
        yield f"{service}:{operation}", "*"


def _items(operation: str, parameters: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        for item in parameters["TransactItems"]:
            for kind, write in item.items():
                yield _WRITES[kind], write["TableName"]
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table in parameters["RequestItems"]:
            yield operation, table
    else:
        yield operation, parameters["TableName"]


def allowed(statements: list[dict[str, Any]], right: Right) -> bool:
    """Whether some statement of a role's policies allows an action on a resource."""
    action, resource = right
    return any(
        statement["Effect"] == "Allow"
        and action in _listed(statement["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in _listed(statement["Resource"]))
        for statement in statements
    )


def statements_of(iam: Any, role: str) -> list[dict[str, Any]]:
    """The statements of a role's policies, as the stack resolved them."""
    found: list[dict[str, Any]] = []
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        # moto's CloudFormation keeps it as Python writes it, not as JSON.
        found += ast.literal_eval(document)["Statement"]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
