"""The line that `make security` ends with: one object, or a failure that names the proof which did not run."""

import json
import subprocess
import sys
from pathlib import Path

from tests.security.report import REQUIRED

ROOT = Path(__file__).parents[2]


def _report(folder: Path, figures: dict[str, float]) -> subprocess.CompletedProcess[str]:
    (folder / "figures.json").write_text(json.dumps(figures))
    command = [sys.executable, "-B", "-m", "tests.security.report", str(folder / "figures.json")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_figures_are_one_line_of_json_with_whole_numbers_where_they_count(tmp_path: Path) -> None:
    counted = dict.fromkeys(REQUIRED, 3.0)
    ended = _report(tmp_path, {**counted, "ms": 1.25})
    assert (ended.returncode, ended.stderr) == (0, "")
    (said,) = ended.stdout.splitlines()
    assert json.loads(said) == {**dict.fromkeys(REQUIRED, 3), "ms": 1.25}
    assert "3.0" not in said


def test_a_proof_that_did_not_run_is_named(tmp_path: Path) -> None:
    ended = _report(tmp_path, dict.fromkeys(REQUIRED - {"leaks", "tools"}, 0))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.strip() == "no test counted leaks, tools"
