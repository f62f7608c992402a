"""What Lambda gets: everything that it needs, small enough, and started without the heavy parts."""

import json
import platform
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.api import lint
from moto import mock_aws

from infra import package
from infra.expand import CODE_BUCKET, expanded

_ALIKE = platform.system() == "Linux" and platform.machine() == "x86_64"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("package")
    package.build("prod", directory)
    return directory


@pytest.fixture(scope="module")
def code(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as Lambda unzips it."""
    directory = tmp_path_factory.mktemp("lambda")
    with zipfile.ZipFile(out / "deployment.zip") as zipped:
        zipped.extractall(directory)
    return directory


@pytest.fixture(scope="module")
def template(out: Path) -> Any:
    return json.loads((out / "template.json").read_text())


def run(code: Path, program: str) -> str:
    """What a program prints that sees the standard library and the package, nothing else."""
    start = f"import sys; sys.path.insert(0, {str(code)!r}); {program}"
    environment = {"AWS_DEFAULT_REGION": "eu-west-1", "POWERTOOLS_TRACE_DISABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_fits_into_lambda(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{package.describe(out / 'deployment.zip')}")
    assert package.unzipped_bytes(out / "deployment.zip") < package.LIMIT_BYTES


def test_every_file_of_the_product_is_in_it(code: Path) -> None:
    wanted = [package.PROJECT / "app.py"]
    wanted += (package.PROJECT / "chalicelib").rglob("*.py")
    wanted += (package.PROJECT / "templates").iterdir()
    assert len(wanted) > 80
    for path in wanted:
        packaged = code / path.relative_to(package.PROJECT)
        assert packaged.read_bytes() == path.read_bytes()


def test_nothing_of_development_is_in_it(code: Path) -> None:
    there = {path.name for path in code.iterdir()}
    assert not there & {"tests", "local", "infra", "moto", "pytest", "hypothesis", "playwright"}
    assert not list(code.rglob("*.pyi"))


@pytest.mark.skipif(not _ALIKE, reason="the wheels in it are for Linux on x86-64")
def test_the_api_starts_without_scikit_learn_and_scipy(code: Path) -> None:
    heavy = "{'sklearn', 'scipy', 'numpy', 'joblib'} & {name.split('.')[0] for name in sys.modules}"
    assert run(code, f"import app; print({heavy})").strip() == "set()"


@pytest.mark.skipif(not _ALIKE, reason="the wheels in it are for Linux on x86-64")
def test_what_an_analysis_needs_is_in_it(code: Path) -> None:
    program = (
        "import app, chalicelib.services.analyse, chalicelib.core.neighbours, "
        "chalicelib.core.clustering; import sklearn.cluster, scipy.cluster.hierarchy; "
        "from chalicelib.routes.presentation import render; print('ok')"
    )
    assert run(code, program).strip() == "ok"


def test_the_template_holds_the_functions_and_the_infrastructure(template: Any) -> None:
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert {
        "AWS::Serverless::Function",
        "AWS::Serverless::Api",
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::Events::EventBus",
        "AWS::SQS::Queue",
        "AWS::Cognito::UserPool",
    } <= types
    assert template["Parameters"]["Stage"]["Default"] == "prod"


def test_every_intrinsic_function_stands_alone(template: Any) -> None:
    def check(value: Any) -> None:
        if isinstance(value, dict):
            functions = [name for name in value if name == "Ref" or name.startswith("Fn::")]
            assert not functions or len(value) == 1, value
            for each in value.values():
                check(each)
        elif isinstance(value, list):
            for each in value:
                check(each)

    check(template)
    queues = {
        source["Properties"]["Queue"]["Fn::Sub"]
        for resource in template["Resources"].values()
        for source in (resource["Properties"].get("Events") or {}).values()
        if source["Type"] == "SQS"
    }
    assert queues == {"${AnalysisQueue.Arn}", "${InboxesQueue.Arn}"}


def test_what_no_function_needs_is_left_out() -> None:
    assert not package.is_needed("scipy/linalg/tests/test_basic.py")
    assert not package.is_needed("botocore/data/ec2/2016-11-15/service-2.json.gz")
    assert not package.is_needed("numpy/__init__.pyi")
    assert package.is_needed("jinja2/tests.py")
    assert package.is_needed("botocore/data/dynamodb/2012-08-10/service-2.json.gz")


def test_a_requirement_without_a_wheel_is_refused(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.txt").write_text("boto3==1\nnothing-of-that-name==1.0\n")
    monkeypatch.setattr(package, "PROJECT", tmp_path)
    with pytest.raises(package.PackageError, match="nothing-of-that-name"):
        package._check_requirements(out / "deployment.zip")


#: What may be allowed on everything, since AWS lets nobody name it.
UNNAMED = {"xray:PutTelemetryRecords", "xray:PutTraceSegments", "cloudwatch:DescribeAlarms"}
#: Where a part of a name is open: objects, the secrets of webhooks (AWS ends their names as it
#: likes), and the role that another account has made for us.
OPEN = (
    "${Bucket.Arn}/documents/*",
    "${Bucket.Arn}/playbooks/*",
    "${Bucket.Arn}/indexes/*",
    "${Bucket.Arn}/plans/*",
    "secret:precedent-${Stage}-webhook-*",
    "arn:${AWS::Partition}:iam::*:role/precedent-*",
)


def statements(role: Any) -> list[Any]:
    policies = role["Properties"]["Policies"]
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def functions(template: Any) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def test_every_function_may_do_only_what_is_named(template: Any) -> None:
    roles = [each["Role"]["Fn::GetAtt"][0] for each in functions(template).values()]
    assert len(set(roles)) == len(roles) >= 7
    for role in roles:
        for statement in statements(template["Resources"][role]):
            actions = listed(statement["Action"])
            assert not [action for action in actions if "*" in action], role
            for resource in listed(statement["Resource"]):
                if resource == "*":
                    assert set(actions) <= UNNAMED, role
                elif "*" in json.dumps(resource):
                    assert resource["Fn::Sub"].endswith(OPEN), role


def test_only_the_api_reads_tokens_and_only_the_deliverers_reach_the_bus(template: Any) -> None:
    def roles_with(text: str) -> set[str]:
        resources = template["Resources"].items()
        return {
            name
            for name, role in resources
            if role["Type"] == "AWS::IAM::Role" and text in json.dumps(statements(role))
        }

    assert roles_with("TokensTable") == {"ApiHandlerRole"}
    assert roles_with("events:PutEvents") == {"DeliverEventsRole", "SweepOutboxRole"}
    assert roles_with("dynamodb:Scan") == {"SweepOutboxRole"}


def test_every_function_is_watched_and_logs_to_a_group_that_forgets(template: Any) -> None:
    resources = template["Resources"]
    alarms = [
        each["Properties"]
        for each in resources.values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    ]
    failing = {
        alarm["Dimensions"][0]["Value"]["Ref"]
        for alarm in alarms
        if alarm.get("MetricName") == "Errors"
    }
    assert failing == set(functions(template))
    assert all(alarm["AlarmActions"] for alarm in alarms)
    for properties in functions(template).values():
        group = resources[properties["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        assert group["RetentionInDays"]


def test_every_queue_is_watched(template: Any) -> None:
    kinds = {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}
    queues = {n for n, each in template["Resources"].items() if each["Type"] == "AWS::SQS::Queue"}
    watched = {
        alarm["Properties"]["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in template["Resources"].values()
        if alarm["Type"] == "AWS::CloudWatch::Alarm"
        and alarm["Properties"].get("MetricName") in kinds
    }
    assert watched == queues


def test_cfn_lint_finds_nothing(template: Any) -> None:
    for each in (template, expanded(template)):
        assert [str(match) for match in lint(json.dumps(each), regions=["eu-west-1"])] == []


def test_only_analyses_get_the_scientific_libraries(out: Path, template: Any) -> None:
    code = {name: each["CodeUri"] for name, each in functions(template).items()}
    assert code.pop("RunAnalysis") == "./deployment.zip"
    assert set(code.values()) == {"./light.zip"}
    with zipfile.ZipFile(out / "light.zip") as light:
        tops = {name.split("/")[0] for name in light.namelist()}
    assert not tops & {"scipy", "scipy.libs", "sklearn", "joblib"}
    assert {"numpy", "app.py", "chalicelib"} <= tops


def test_the_same_files_make_the_same_package(tmp_path: Path) -> None:
    made = []
    for number, names in enumerate((["b.py", "a.py"], ["a.py", "b.py"])):
        source = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(source, "w") as zipped:
            for name in names:
                zipped.writestr(zipfile.ZipInfo(name, (2020 + number, 1, 1, 0, 0, 0)), name)
        package.write_zip(source, source, package.is_needed)
        made.append(source.read_bytes())
    assert made[0] == made[1]


def test_the_stack_can_be_created(template: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever moto makes of it: not the API, whose methods it does not read in time."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    plain = expanded(template)
    for part in ("Resources", "Outputs"):
        plain[part] = {
            name: each
            for name, each in plain[part].items()
            if "RestAPI" not in json.dumps(each) and "RestAPI" not in name
        }
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=CODE_BUCKET)
        for name in ("deployment.zip", "light.zip"):
            s3.put_object(Bucket=CODE_BUCKET, Key=name, Body=b"code")
        cloudformation = boto3.client("cloudformation")
        cloudformation.create_stack(StackName="precedent-prod", TemplateBody=json.dumps(plain))
        [stack] = cloudformation.describe_stacks(StackName="precedent-prod")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        aws_lambda = boto3.client("lambda")
        made = aws_lambda.list_functions()["Functions"]
        assert len(made) == len(functions(template))
        assert len({each["Role"] for each in made}) == len(made)
        assert all(each["Environment"]["Variables"]["PRECEDENT_BUCKET"] for each in made)
        assert len(aws_lambda.list_event_source_mappings()["EventSourceMappings"]) == 3
