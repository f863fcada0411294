"""The figures are written where they are asked for, and nowhere else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TEST = """
from tests.security.figures import FIGURES

def test_something(pytestconfig):
    figures = pytestconfig.stash[FIGURES]
    figures.add("tried", 2)
    figures.add("tried", 3)
    figures.put("ms", 1.5)
    assert figures == {"tried": 5, "ms": 1.5}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "test_something.py").write_text(TEST)
    return tmp_path


def _run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    plugins = ["-p", "tests.security.figures", "-p", "no:cacheprovider"]
    inside = ["--rootdir", str(folder), "-c", "/dev/null", str(folder)]
    command = [sys.executable, "-B", "-m", "pytest", *plugins, *options, *inside]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_figures_are_written_where_the_option_says(folder: Path) -> None:
    ended = _run(folder, "--security-figures", str(folder / "figures.json"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert json.loads((folder / "figures.json").read_text()) == {"ms": 1.5, "tried": 5}


def test_without_the_option_nothing_is_written(folder: Path) -> None:
    ended = _run(folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [path.name for path in folder.iterdir()] == ["test_something.py"]


def test_several_processes_would_each_count_a_part(folder: Path) -> None:
    ended = _run(folder, "--security-figures", str(folder / "figures.json"), "--numprocesses", "2")
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert "leave out --numprocesses" in ended.stderr
