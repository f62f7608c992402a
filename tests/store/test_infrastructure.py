"""The template is sound, and the embedded AWS that is made from it works like the deployed one."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

from local.infrastructure import MADE_BY_MOTO, TEMPLATE, create

STAGE = "probe"


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        yield create(None, STAGE)


@pytest.fixture(scope="module")
def template() -> Any:
    return yaml.safe_load(TEMPLATE.read_text())


def properties(template: Any, kind: str) -> list[Any]:
    resources = template["Resources"].values()
    return [each["Properties"] for each in resources if each.get("Type") == kind]


def table(name: str) -> Any:
    dynamodb = boto3.client("dynamodb", "eu-west-1")
    return dynamodb.describe_table(TableName=f"precedent-{STAGE}-{name}")["Table"]


KEYS = {"pk": "HASH", "sk": "RANGE"}
BY_SCOPE = {"scope": "HASH", "scope_sk": "RANGE"}
TABLES: dict[str, tuple[dict[str, str], dict[str, dict[str, str]]]] = {
    "incidents": (KEYS, {"by_day": {"day": "HASH", "day_sk": "RANGE"}}),
    "patterns": (KEYS, {"by_scope": BY_SCOPE}),
    "analyses": (KEYS, {}),
    "suggestions": (
        KEYS,
        {"by_scope": BY_SCOPE, "by_status": {"scope_status": "HASH", "scope_sk": "RANGE"}},
    ),
    "playbooks": (KEYS, {"by_scope": BY_SCOPE}),
    "recommendations": (KEYS, {}),
    "agents": (KEYS, {}),
    "outbox": (KEYS, {}),
    "audit": (KEYS, {"by_entity": {"entity": "HASH", "entity_sk": "RANGE"}}),
    "tokens": (KEYS, {}),
    "idempotency": ({"id": "HASH"}, {}),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_its_keys_and_indexes(environment: dict[str, str], name: str) -> None:
    keys, indexes = TABLES[name]
    made = table(name)

    def schema(of: Any) -> dict[str, str]:
        return {key["AttributeName"]: key["KeyType"] for key in of["KeySchema"]}

    assert schema(made) == keys
    found = {index["IndexName"]: schema(index) for index in made.get("GlobalSecondaryIndexes", [])}
    assert found == indexes
    assert made["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_only_what_is_meant_to_expire_expires(environment: dict[str, str]) -> None:
    dynamodb = boto3.client("dynamodb", "eu-west-1")
    expiring = {}
    for name in TABLES:
        answer = dynamodb.describe_time_to_live(TableName=f"precedent-{STAGE}-{name}")
        expiring[name] = answer["TimeToLiveDescription"].get("AttributeName")
    assert {name: attribute for name, attribute in expiring.items() if attribute} == {
        "recommendations": "expires_at",
        "tokens": "expires_at",
        "agents": "expires_at",
        "idempotency": "expiration",
    }


def test_the_outbox_streams_new_images(environment: dict[str, str]) -> None:
    assert table("outbox")["StreamSpecification"] == {
        "StreamEnabled": True,
        "StreamViewType": "NEW_IMAGE",
    }


def test_an_event_of_ours_reaches_the_notifications_and_others_do_not(
    environment: dict[str, str],
) -> None:
    entry = {"EventBusName": environment["PRECEDENT_BUS"], "DetailType": "x", "Detail": "{}"}
    events = boto3.client("events", "eu-west-1")
    events.put_events(Entries=[entry | {"Source": "other"}, entry | {"Source": "precedent"}])
    sqs = boto3.client("sqs", "eu-west-1")
    url = sqs.get_queue_url(QueueName=f"precedent-{STAGE}-notifications")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(message["Body"])["source"] for message in messages] == ["precedent"]


def test_a_message_that_fails_three_times_is_put_aside(environment: dict[str, str]) -> None:
    sqs = boto3.client("sqs", "eu-west-1")
    url = environment["PRECEDENT_QUEUE_URL"]
    sqs.send_message(QueueUrl=url, MessageBody="run")
    for _ in range(4):
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    dead = sqs.get_queue_url(QueueName=f"precedent-{STAGE}-analysis-dead")["QueueUrl"]
    assert [each["Body"] for each in sqs.receive_message(QueueUrl=dead)["Messages"]] == ["run"]


def test_the_functions_are_told_all_that_the_template_says(
    environment: dict[str, str], template: Any
) -> None:
    assert set(environment) == set(template["Globals"]["Function"]["Environment"]["Variables"])
    assert environment["PRECEDENT_STAGE"] == STAGE
    boto3.client("s3", "eu-west-1").head_bucket(Bucket=environment["PRECEDENT_BUCKET"])


@pytest.mark.parametrize("username", ["reviewer", "reviewer2"])
def test_a_reviewer_signs_in_with_the_local_password_only(
    environment: dict[str, str], username: str
) -> None:
    cognito = boto3.client("cognito-idp", "eu-west-1")

    def sign_in(password: str) -> Any:
        return cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=environment["PRECEDENT_USER_POOL_CLIENT_ID"],
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    assert sign_in(f"local-{username}")["AuthenticationResult"]["IdToken"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_in("local-nobody")


def test_the_signing_key_is_long_and_random(environment: dict[str, str]) -> None:
    client = boto3.client("secretsmanager", "eu-west-1")
    key = client.get_secret_value(SecretId=environment["PRECEDENT_SECRET"])["SecretString"]
    assert len(key) == 64
    assert len(set(key)) > 8


def test_tables_are_kept_restored_and_encrypted(template: Any) -> None:
    for name, resource in template["Resources"].items():
        if resource.get("Type") != "AWS::DynamoDB::Table":
            continue
        table = resource["Properties"]
        assert table["SSESpecification"] == {"SSEEnabled": True}, name
        point_in_time = table["PointInTimeRecoverySpecification"]
        assert point_in_time == {"PointInTimeRecoveryEnabled": True}, name
        if name != "IdempotencyTable":
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain", name


def test_the_bucket_is_private_and_refuses_plain_http(template: Any) -> None:
    [bucket] = properties(template, "AWS::S3::Bucket")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    [policy] = properties(template, "AWS::S3::BucketPolicy")
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("name", ["Notifications", "Inboxes"])
def test_only_its_rule_may_send_to_a_queue(template: Any, name: str) -> None:
    policy = template["Resources"][f"{name}QueuePolicy"]["Properties"]
    [statement] = policy["PolicyDocument"]["Statement"]
    rule = {"Fn::GetAtt": [f"{name}Rule", "Arn"]}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": rule}}


def test_every_queue_of_events_has_a_dead_letter_queue_for_both_ways(template: Any) -> None:
    for name in ("Notifications", "Inboxes"):
        dead = {"Fn::GetAtt": [f"{name}DeadQueue", "Arn"]}
        queue = template["Resources"][f"{name}Queue"]["Properties"]
        assert queue["RedrivePolicy"]["deadLetterTargetArn"] == dead
        [target] = template["Resources"][f"{name}Rule"]["Properties"]["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": dead}


def test_nobody_signs_up_alone_and_passwords_are_strong(template: Any) -> None:
    [pool] = properties(template, "AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    password = pool["Policies"]["PasswordPolicy"]
    assert password.pop("MinimumLength") >= 12
    assert all(password.values())


def test_the_signing_key_is_generated_where_it_is_kept(template: Any) -> None:
    [secret] = properties(template, "AWS::SecretsManager::Secret")
    assert "SecretString" not in secret
    assert secret["GenerateSecretString"]["PasswordLength"] >= 32


@pytest.mark.parametrize(
    ("function", "name"), [("run_analysis", "AnalysisQueue"), ("fill_inboxes", "InboxesQueue")]
)
def test_a_message_outlasts_six_attempts_of_the_worker(
    template: Any, function: str, name: str
) -> None:
    config = json.loads((TEMPLATE.parent.parent / ".chalice" / "config.json").read_text())
    timeout = config["lambda_functions"][function]["lambda_timeout"]
    queue = template["Resources"][name]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * timeout


def test_every_type_is_made_or_knowingly_not(template: Any) -> None:
    types = {each["Type"] for each in template["Resources"].values() if "Type" in each}
    assert types >= MADE_BY_MOTO
    assert types - MADE_BY_MOTO == {
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::S3::BucketPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::SecretsManager::Secret",
    }
