"""A pytest plugin: what was left to chance is told at the end, from whichever process, so that it can be had again."""

import pytest

SEED = "seed"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call" and (told := dict(report.user_properties).get(SEED)):
                terminalreporter.write_line(f"{told} ({outcome})")
