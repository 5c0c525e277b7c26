"""Work for workers: plain functions that any process can import."""

import os
import signal
import time
from pathlib import Path

from solvers.versions import installed


def square(number: int) -> int:
    return number * number


def pid(_number: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def die_once(marks: str, number: int) -> int:
    """The first to come is killed in the middle of its work; whoever does it again answers."""
    mark = Path(marks) / str(number)
    if number == 3 and not mark.exists():
        mark.write_text(str(os.getpid()), encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def die_anywhere_but(home: int, number: int) -> int:
    """No worker outlives this; the process ``home`` does."""
    if os.getpid() != home and number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def refuse(_number: int) -> int:
    raise LookupError("not here")


def slow(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def talk(number: int) -> int:
    print("talk", flush=True)  # noqa: T201 - as a library might
    return number


def lambda_back(_number: int) -> object:
    return lambda: None


def versions_unlike(home: int) -> dict[str, str]:
    """What is installed, with another numpy everywhere but in the process ``home``."""
    return {**installed(), **({} if os.getpid() == home else {"numpy": "1.0"})}
