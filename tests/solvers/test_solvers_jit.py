"""What was compiled is used again, and never once anything it was compiled from has changed."""

import subprocess
import sys
from pathlib import Path

CALLER = """
from callee import value
from solvers.blocks.jit import jit

@jit
def doubled(n):
    return 2 * value(n)

print(doubled(1), sum(doubled.stats.cache_hits.values()))
"""
CALLEE = """
from solvers.blocks.jit import jit

@jit
def value(n):
    return n + {more}
"""


def _run(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "caller.py"], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_compiled_function_is_kept_until_what_it_calls_changes(tmp_path: Path) -> None:
    (tmp_path / "caller.py").write_text(CALLER)
    (tmp_path / "callee.py").write_text(CALLEE.format(more=1))
    assert _run(tmp_path) == "4 0"
    assert _run(tmp_path) == "4 1"
    (tmp_path / "callee.py").write_text(CALLEE.format(more=5))
    assert _run(tmp_path) == "12 0"
