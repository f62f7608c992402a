"""Package the product for AWS: the code without what Lambda does not need, and one template.

    python -m infra.package --stage dev --out build/package

writes `template.json` with `deployment.zip`, the code of the analysis worker, and `light.zip`, that
of all other functions: the same without what only analyses need. Ready for `aws cloudformation
package`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from functools import reduce
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parent.parent
#: What Chalice does not generate: what the functions need, and what watches them.
TEMPLATES = (PROJECT / "infra" / "template.yaml", PROJECT / "infra" / "watch.yaml")
#: The function that finds patterns, and what it alone needs of the packages (decision 27).
ANALYSING = "RunAnalysis"
_SCIENTIFIC = re.compile(r"^(scipy|sklearn|joblib|threadpoolctl|scikit_learn)[./-]")
#: What Lambda allows a package to be, unzipped.
LIMIT_BYTES = 250 * 2**20
#: The AWS services whose descriptions botocore needs at run time.
SERVICES = {
    "appconfigdata",
    "cloudwatch",
    "cognito-idp",
    "dynamodb",
    "events",
    "s3",
    "secretsmanager",
    "sqs",
    "ssm",
    "sts",
    "xray",
}
_UNUSED = re.compile(
    r"""
      (^|/)(__pycache__|tests?)/(?!_natype\.py$)  # NumPy imports that one; Jinja2 its tests.py
    | \.(pyi|pyx|pxd|h|hpp|c|cpp|a|f90|build|tp)$
    | \.dist-info/(RECORD|INSTALLER|REQUESTED)$
    | ^sklearn/datasets/(data|descr|images)/
    | ^(boto3|botocore)/examples/
    """,
    re.VERBOSE,
)
_SERVICE = re.compile(r"^(?:boto3|botocore)/data/([^/]+)/")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold


class PackageError(Exception):
    """The package cannot be used; the message says why."""


def build(stage: str, out: Path) -> Path:
    """Package a stage, and return the path of the code.

    Args:
        stage: a stage of `.chalice/config.json`.
        out: the directory to write to; made when it is not there.

    Raises:
        PackageError: Chalice failed, a requirement is missing, or the code is too large.
    """
    generate(stage, out)
    code = out / "deployment.zip"
    write_zip(code, code, is_needed)
    _check_requirements(code)
    write_zip(code, out / "light.zip", lambda name: not _SCIENTIFIC.match(name))
    if unzipped_bytes(code) >= LIMIT_BYTES:
        raise PackageError(f"{describe(code)}\nLambda allows less than {LIMIT_BYTES:,} bytes")
    return code


def generate(stage: str, out: Path) -> None:
    """Write a stage's template, beside the code as Chalice gathers it.

    Raises:
        PackageError: Chalice failed.
    """
    _chalice(stage, out)
    _write_template(stage, out)


def _chalice(stage: str, out: Path) -> None:
    """Have Chalice gather the code and generate `sam.json` with our templates merged in."""
    out.mkdir(parents=True, exist_ok=True)
    ours = out.resolve() / "ours.json"
    ours.write_text(json.dumps(merged(yaml.safe_load(path.read_text()) for path in TEMPLATES)))
    command = [sys.executable, "-c", "from chalice.cli import main; main()"]
    command += ["package", "--stage", stage]
    command += ["--merge-template", str(ours), str(out.resolve())]
    # Chalice imports the app, which must see the stage's settings and not this shell's.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PRECEDENT_")
    }
    environment.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # it asks, and writes it nowhere
    run = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    ours.unlink()
    if run.returncode:
        raise PackageError(f"chalice package failed\n{run.stdout}{run.stderr}")


def merged(templates: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Templates in one; what several say of a thing is put together."""

    def put(into: dict[str, Any], what: dict[str, Any]) -> dict[str, Any]:
        for name, value in what.items():
            both = isinstance(value, dict) and isinstance(into.get(name), dict)
            into[name] = put(into[name], value) if both else value
        return into

    return reduce(put, templates, {})


def write_zip(source: Path, target: Path, wanted: Callable[[str], bool]) -> None:
    """Write what is wanted of a zip file, byte for byte reproducible; the two may be the same."""
    written = target.with_suffix(".part")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(written, "w") as new:
        for name in sorted(filter(wanted, old.namelist())):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    written.replace(target)


def is_needed(name: str) -> bool:
    """Whether Lambda needs a file of the package."""
    service = _SERVICE.match(name)
    if service and service[1] not in SERVICES:
        return False
    return not _UNUSED.search(name) and not name.endswith("/")


def _check_requirements(code: Path) -> None:
    """Chalice only warns of a requirement without a wheel for Lambda; we refuse."""
    wanted = {
        _canonical(re.split(r"[\[=; ]", line)[0])
        for line in (PROJECT / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    }
    there = {_canonical(each.metadata["Name"]) for each in distributions(path=[str(code)])}
    if missing := sorted(wanted - there):
        raise PackageError(
            f"no wheel for Lambda's Python {sys.version_info[0]}.{sys.version_info[1]}: "
            + ", ".join(missing)
        )


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _write_template(stage: str, out: Path) -> None:
    """Turn Chalice's `sam.json` into `template.json`, whose stage is the one packaged.

    Chalice gives every function the same code; here each gets the one that it needs. And it has
    Lambda load a worker from its blueprint's module, which the app never registers then, so that
    the worker would go without the app's middleware; here all are loaded from `app.py`.
    """
    generated = out / "sam.json"
    template = json.loads(generated.read_text())
    template["Parameters"]["Stage"]["Default"] = stage
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            properties["Handler"] = "app." + properties["Handler"].rpartition(".")[2]
            if name != ANALYSING:
                properties["CodeUri"] = "./light.zip"
    (out / "template.json").write_text(json.dumps(template, indent=1) + "\n")
    generated.unlink()


def unzipped_bytes(code: Path) -> int:
    """How large a package is when it is unzipped."""
    with zipfile.ZipFile(code) as package:
        return sum(entry.file_size for entry in package.infolist())


def describe(code: Path) -> str:
    """The package's size unzipped, and what is largest in it."""
    parts: Counter[str] = Counter()
    with zipfile.ZipFile(code) as package:
        for entry in package.infolist():
            parts[entry.filename.split("/")[0]] += entry.file_size
    lines = [f"{unzipped_bytes(code) / 2**20:.1f} MiB unzipped, the largest parts:"]
    lines += [f"{size / 2**20:8.1f} MiB  {name}" for name, size in parts.most_common(10)]
    return "\n".join(lines)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Package the product for AWS.")
    parser.add_argument("--stage", default="dev", help="a stage of .chalice/config.json")
    parser.add_argument("--out", type=Path, default=Path("build/package"), help="where to")
    wanted = parser.parse_args()
    try:
        code = build(wanted.stage, wanted.out)
        print(describe(code))
        light = unzipped_bytes(wanted.out / "light.zip") / 2**20
        print(f"{light:.1f} MiB without what only analyses need")
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
