"""The page's modules that need no browser, tested by node's own runner."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_the_page_thinks_right(name: str) -> None:
    node = shutil.which("node")
    assert node, "node tests the page"
    ran = subprocess.run([node, "--test", HERE / name], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
