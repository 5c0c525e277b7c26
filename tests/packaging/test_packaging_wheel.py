"""The wheel as others get it: into an empty folder, with nothing of this work tree beside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("pandas", "ortools", "numpy", "networkx", "pydantic", "xlsxwriter", "jinja2", "python_calamine")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel offline and install it alone; dependencies come from the running interpreter."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, ROOT]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = folder.glob("onedoor-*.whl")
    target = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", target, wheel], check=True)
    return target


def run(site: Path, code: str, cwd: Path) -> str:
    env = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=env, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_every_top_level_name_is_imported_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = "import scheduler, solvers, instances, cli\n"
    code += "for m in (scheduler, solvers, instances, cli): print(m.__file__)"
    for line in run(installed, code, tmp_path).splitlines():
        assert line.startswith(str(installed))


def test_the_wheel_holds_what_the_program_reads_and_nothing_else_on_top(installed: Path) -> None:
    (wheel,) = installed.parent.glob("onedoor-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"scheduler", "solvers", "instances", "cli.py"}
    for folder in ("scheduler", "solvers", "instances"):
        here = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert here == {name for name in names if name.startswith(f"{folder}/")}


def test_the_scheduler_needs_no_solver(installed: Path, tmp_path: Path) -> None:
    code = "import sys, scheduler\nscheduler.run_all, scheduler.verify_run, scheduler.registers_from_frames\n"
    code += "print([name for name in ('ortools', 'solvers', 'cli', 'instances') if name in sys.modules])"
    assert run(installed, code, tmp_path).strip() == "[]"


def test_the_public_names_are_all_there(installed: Path, tmp_path: Path) -> None:
    code = "import scheduler\nprint([n for n in scheduler.__all__ if getattr(scheduler, n, None) is None])"
    assert run(installed, code, tmp_path).strip() == "[]"


def test_importing_the_scheduler_alone_imports_nothing_heavy(installed: Path, tmp_path: Path) -> None:
    code = f"import sys, scheduler\nprint([name for name in {HEAVY} if name in sys.modules])"
    assert run(installed, code, tmp_path).strip() == "[]"


def test_help_imports_nothing_heavy(installed: Path, tmp_path: Path) -> None:
    code = "import sys, cli\nfor words in ('--help', 'run --help'): cli.call(words.split())\n"
    code += f"print([name for name in {HEAVY} if name in sys.modules])"
    assert run(installed, code, tmp_path).strip().splitlines()[-1] == "[]"


def test_the_command_is_installed(installed: Path, tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(installed)}
    script = installed / "bin" / "onedoor"
    done = subprocess.run(
        [sys.executable, script, "--version"],
        cwd=tmp_path,
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("onedoor, version ")
