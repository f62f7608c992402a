"""What Lambda gets: everything that it needs, small enough, and started without the heavy parts."""

import json
import platform
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint

from infra import package
from infra.expand import expanded
from tests.package import tour
from tests.package.account import ALARM, MADE_HERE, SKIPPED, Account, is_of_api
from tests.package.functions import Functions
from tests.package.rights import allowed, statements_of

_ALIKE = platform.system() == "Linux" and platform.machine() == "x86_64"


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


def test_every_file_of_the_product_is_in_both_parts(code: dict[str, Path]) -> None:
    wanted = [package.PROJECT / "app.py"]
    wanted += (package.PROJECT / "chalicelib").rglob("*.py")
    wanted += (package.PROJECT / "templates").iterdir()
    assert len(wanted) > 80
    for part in code.values():
        for path in wanted:
            packaged = part / path.relative_to(package.PROJECT)
            assert packaged.read_bytes() == path.read_bytes()


def test_nothing_of_development_is_in_it(code: dict[str, Path]) -> None:
    whole = code["deployment.zip"]
    there = {path.name for path in whole.iterdir()}
    assert not there & {"tests", "local", "infra", "moto", "pytest", "hypothesis", "playwright"}
    assert not list(whole.rglob("*.pyi"))


@pytest.mark.skipif(not _ALIKE, reason="the wheels in it are for Linux on x86-64")
def test_the_light_part_holds_every_module_of_the_api_and_none_of_science(
    code: dict[str, Path],
) -> None:
    program = """
import importlib, importlib.util, pathlib, app
heavy = {"sklearn", "scipy", "joblib", "numpy"} & {name.split(".")[0] for name in sys.modules}
routes = pathlib.Path(sys.path[0], "chalicelib", "routes").glob("*.py")
for path in routes: importlib.import_module(f"chalicelib.routes.{path.stem}")
absent = [name for name in ("scipy", "sklearn") if not importlib.util.find_spec(name)]
print(heavy, absent)
"""
    assert run(code["light.zip"], program).strip() == "set() ['scipy', 'sklearn']"


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

    # The daily sweep takes people's names out of them.
    assert roles_with("TokensTable") == {"ApiHandlerRole", "SweepExpiredRole"}
    assert roles_with("events:PutEvents") == {"DeliverEventsRole", "SweepOutboxRole"}
    assert roles_with("dynamodb:Scan") == {"SweepExpiredRole", "SweepOutboxRole"}


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


def test_cfn_lint_finds_nothing(templates: dict[str, Any]) -> None:
    for each in (templates["prod"], *map(expanded, templates.values())):
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


def test_both_stages_can_be_created_in_one_account(
    accounts: dict[str, Account], templates: dict[str, Any]
) -> None:
    for stage, account in accounts.items():
        assert account.state()["StackStatus"] == "CREATE_COMPLETE"
        made = account.resources() | MADE_HERE
        missing = {
            resource["Type"]
            for name, resource in account.template["Resources"].items()
            if name not in made and not is_of_api(name, resource)
        }
        assert missing == SKIPPED | {ALARM}
        configured = account.functions()
        assert set(configured) == set(functions(templates[stage]))
        assert len({each["Role"] for each in configured.values()}) == len(configured)


def test_every_alarm_watches_what_there_is_and_tells_the_topic(
    accounts: dict[str, Account],
) -> None:
    counted = {
        name
        for path in (Path(__file__).parents[2] / "chalicelib").rglob("*.py")
        for name in re.findall(r'\bcount\("(\w+)"', path.read_text(encoding="utf-8"))
    }
    for stage, account in accounts.items():
        configured = account.functions().values()
        names = {each["FunctionName"] for each in configured}
        counting = {
            each["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] for each in configured
        }
        queues = account.client("sqs").list_queues(QueueNamePrefix=f"precedent-{stage}-")
        there = {
            "FunctionName": names,
            "QueueName": {url.rpartition("/")[2] for url in queues["QueueUrls"]},
            "service": {"precedent"},
        }
        topics = {each["TopicArn"] for each in account.client("sns").list_topics()["Topics"]}
        watched: dict[str, set[str]] = {}
        for alarm in account.alarms():
            assert set(alarm["AlarmActions"]) | set(alarm["OKActions"]) <= topics
            parts = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", [])[1:]]
            for metric in parts or [alarm]:
                [dimension] = metric["Dimensions"]
                assert dimension["Value"] in there[dimension["Name"]], alarm["AlarmName"]
                watched.setdefault(metric["MetricName"], set()).add(dimension["Value"])
                if dimension["Name"] == "service":
                    assert metric["MetricName"] in counted
                    assert {metric["Namespace"]} == counting
        assert watched["Errors"] == watched["Throttles"] == names


@pytest.mark.skipif(not _ALIKE, reason="the wheels in it are for Linux on x86-64")
def test_the_application_runs_on_what_the_stack_created(deployed: Functions) -> None:
    tour.take(deployed)
    iam = deployed.account.client("iam")
    assert set(deployed.used) == set(deployed.account.functions())
    for name, configuration in deployed.account.functions().items():
        given = statements_of(iam, configuration["Role"].rpartition("/")[2])
        assert not {right for right in deployed.used[name] if not allowed(given, right)}, name
    # What workers count reaches the alarms only by what they print around each event.
    assert '"PatternsFound"' in deployed.log("deployment.zip")
    assert '"EventsDelivered"' in deployed.log("light.zip")
    assert "Traceback" not in deployed.log("deployment.zip") + deployed.log("light.zip")


@pytest.mark.skipif(not _ALIKE, reason="the wheels in it are for Linux on x86-64")
def test_people_sign_in_through_the_user_pool_of_the_stack(deployed: Functions) -> None:
    assert "Sign out" in tour.sign_in(deployed)
