"""The rooms of the house and what each may touch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "chalicelib"

#: What the modules of a room may import of ours.
MAY_IMPORT = {
    "core": {"core"},
    "redaction": {"redaction"},
    "store": {"core", "store", "settings"},
    "formats": {"core", "formats"},
    "services": {
        *("core", "store", "formats", "redaction", "services", "settings", "observability"),
    },
    "routes": {"core", "services", "routes", "settings", "observability"},
    "settings": {"core"},
    "observability": {"redaction"},
}
FORBIDDEN_IN_CORE = {"boto3", "botocore", "chalice", "pynamodb", "aws_lambda_powertools"}
IMPURE = {"random", "uuid", "secrets", "time", "os"}
NUMERIC = {"numpy", "scipy", "sklearn"}


def imports(path: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def modules(room: str) -> list[Path]:
    single = PACKAGE / f"{room}.py"
    return [single] if single.exists() else sorted((PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_dependencies_point_one_way(room: str) -> None:
    for path in modules(room):
        ours = {name.split(".")[1] for name in imports(path) if name.startswith("chalicelib.")}
        assert ours <= MAY_IMPORT[room], path


def test_every_room_has_its_rule() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert rooms - {"__init__", "__pycache__", "templates"} == set(MAY_IMPORT)


def test_the_core_is_pure() -> None:
    for path in modules("core"):
        top = {name.split(".")[0] for name in imports(path)}
        assert not top & (FORBIDDEN_IN_CORE | IMPURE), path
        assert ".now(" not in path.read_text(), path


def test_numbers_are_crunched_in_few_modules_alone() -> None:
    crunching = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if {name.split(".")[0] for name in imports(path)} & NUMERIC
    }
    analysing = {"neighbours.py", "clustering.py", "selection.py"}
    recommending = {"bm25.py", "relevance.py", "index_file.py"}
    assert crunching == analysing | recommending


@pytest.mark.parametrize(
    ("imported", "loaded"),
    [("app", []), ("app, chalicelib.services.judge", ["numpy"])],
)
def test_the_api_does_not_load_scikit_learn(imported: str, loaded: list[str]) -> None:
    """Recommending loads NumPy, once somebody asks."""
    code = (
        f"import sys, {imported}; "
        "print([m for m in ('sklearn', 'scipy', 'numpy', 'pandas') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == str(loaded)


def test_files_are_short_enough_to_read() -> None:
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "local").rglob("*.py")]:
        assert len(path.read_text().splitlines()) <= 300, path
