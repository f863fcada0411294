"""What the security tests counted, as one line of JSON: `python -m tests.security.report PATH`."""

import json
import sys
from pathlib import Path

REQUIRED = {
    *("routes", "tools", "matrix_cells", "leaks"),
    *("tokens_tried", "tokens_accepted", "refresh_successors", "approval_effects"),
    *("unauthorised_effects", "control_leaks"),
    *("pool_reads", "pool_foreign", "two_process_requests", "two_process_foreign"),
}


def line(figures: dict[str, float]) -> str:
    """Leaves the process, naming them, where required figures are missing: a proof did not run."""
    if missing := sorted(REQUIRED - figures.keys()):
        sys.exit(f"no test counted {', '.join(missing)}")
    whole = {name: int(value) if float(value).is_integer() else round(value, 2) for name, value in figures.items()}
    return json.dumps(dict(sorted(whole.items(), key=lambda one: (one[0] not in REQUIRED, one[0]))))


if __name__ == "__main__":
    print(line(json.loads(Path(sys.argv[1]).read_text())))
