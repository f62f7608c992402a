"""The package, built once, and what it makes of an account."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import package
from tests.package.account import Account
from tests.package.functions import Functions


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("package")
    package.build("prod", directory)
    return directory


@pytest.fixture(scope="module")
def code(out: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The two parts of the package as Lambda unzips them."""
    parts = {name: tmp_path_factory.mktemp("lambda") for name in ("deployment.zip", "light.zip")}
    for name, directory in parts.items():
        with zipfile.ZipFile(out / name) as zipped:
            zipped.extractall(directory)
    return parts


@pytest.fixture(scope="module")
def templates(out: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The templates of both stages; they differ in nothing else."""
    dev = tmp_path_factory.mktemp("dev")
    package.generate("dev", dev)
    return {
        stage: json.loads((directory / "template.json").read_text())
        for stage, directory in {"dev": dev, "prod": out}.items()
    }


@pytest.fixture(scope="module")
def template(templates: dict[str, Any]) -> Any:
    return templates["prod"]


@pytest.fixture(scope="module")
def accounts(templates: dict[str, Any]) -> Iterator[dict[str, Account]]:
    """Each stage as a stack on the embedded AWS."""
    made = {stage: Account(template) for stage, template in templates.items()}
    yield made
    for account in made.values():
        account.stop()


@pytest.fixture(scope="module")
def deployed(
    accounts: dict[str, Account],
    code: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Functions]:
    """The functions of the stage prod, run of what the package holds."""
    running = Functions(accounts["prod"], code, tmp_path_factory.mktemp("logs"))
    yield running
    running.stop()
