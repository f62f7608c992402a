"""What Lambda gets: everything that it needs, small enough, and started without the heavy parts."""

import json
import platform
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra import package

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
