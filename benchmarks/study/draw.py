"""How fast the draw is: sealed frame to sealed draw, against the bare hashing of the same strings.

In: a size. Out: figures on stdout. May import: instances, scheduler.pipeline and the rooms.
``docs/benchmarks-draw.md`` says what each figure means and how to repeat it.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from benchmarks.study.frames import Sealed, sealed_plan
from scheduler import pipeline
from scheduler import verify as verify_room
from scheduler.domain.frame import LINE
from scheduler.draw.fast import Lot, cut, group_layers, lot_of, run
from scheduler.draw.tickets import seed_of
from scheduler.pipeline.folder import opened
from scheduler.pipeline.shelf import Shelf

Answer = TypeVar("Answer")
PROCESSES = 2
SAMPLE_SECONDS = 0.02

Figures = dict[str, int | float | str]


def main(size: str, *, as_json: bool = False, processes: int = PROCESSES) -> None:
    """Measure once and print."""
    figures = measure(sealed_plan(size), size, processes=processes)
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        print(f"{name:28} {value}")


def measure(sealed: Sealed, size: str, *, processes: int = PROCESSES) -> Figures:
    """Draw a copy of the sealed plan, verify the draw, and hash the same strings with nothing around it."""
    with _copied(sealed.run) as run_folder:
        drawn, total, peak, cpu = _watched(
            lambda: pipeline.draw(run_folder, sealed.ceremony, processes=processes)
        )
        reading = _seconds_reading(run_folder)
        violations, verifying, verify_peak, verify_cpu = _watched(
            lambda: verify_room.check_draw(run_folder, processes=processes)
        )
        if violations:
            message = f"the draw does not verify: {violations[:3]}"
            raise RuntimeError(message)
        hashing, limit = _hashing(run_folder, processes)
    return {
        "size": size,
        "processes": processes,
        **hashing,
        "n_drawn": drawn.n_draws,
        "seconds_total": round(total, 2),
        "seconds_reading": round(reading, 2),
        "ratio_to_limit": round((total - reading) / max(limit, 1e-9), 2),
        "seconds_verify": round(verifying, 2),
        "verify_to_draw": round(verifying / max(total, 1e-9), 2),
        "cpu_seconds_total": round(cpu, 2),
        "cpu_seconds_verify": round(verify_cpu, 2),
        "peak_mb": peak,
        "peak_mb_verify": verify_peak,
    }


@contextlib.contextmanager
def _copied(run: Path) -> Iterator[Path]:
    """A run folder with the same sealed stages: linked, not copied, but for the ledger that grows."""
    with tempfile.TemporaryDirectory(prefix="draw-", dir=run.parent) as temp:
        copy = Path(temp) / "run"
        shutil.copytree(run, copy, copy_function=_link)
        (copy / "ledger.jsonl").unlink()
        shutil.copyfile(run / "ledger.jsonl", copy / "ledger.jsonl")
        yield copy


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _seconds_reading(run: Path) -> float:
    """What the draw reads, read once more: the sealed files compared with their digests, then parsed."""
    start = time.perf_counter()
    with opened(run) as folder:
        shelf = Shelf(folder)
        _ = (shelf.plan, shelf.frame_columns, shelf.excluded, shelf.registers_of_draw)
    return time.perf_counter() - start


def _hashing(run_folder: Path, processes: int) -> tuple[Figures, float]:
    """The figures of hashing, and the bare loop's wall seconds unrounded."""
    with opened(run_folder) as folder:
        shelf = Shelf(folder)
        plan, frame = shelf.plan, shelf.frame_columns
        seed = seed_of((run_folder / "draw/seed.txt").read_text(encoding="utf-8"))
        layers, pieces = group_layers(plan, frame, shelf.excluded, shelf.registers_of_draw)
    listed = plan.settings.quotas.reserves_listed
    lots = [lot_of(group, members, listed) for group, members in layers.items()]
    shares = cut([piece.ids for piece in pieces], processes)
    start = time.perf_counter()
    run(seed, lots, shares)
    hashing = time.perf_counter() - start
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        bare = list(pool.map(partial(bare_seconds, seed, lots), shares))
    limit = max(wall for wall, _ in bare)
    figures: Figures = {
        "frame_rows": frame.n_rows,
        "n_tasks": len(shelf.registers_of_draw.tasks),
        "n_groups": len(lots),
        "n_hashes": sum(pieces[number].count for lot in lots for number in lot.pieces),
        "seconds_hashing": round(hashing, 2),
        "seconds_raw_hashing_limit": round(limit, 2),
        "cpu_seconds_raw_hashing_limit": round(sum(cpu for _, cpu in bare), 2),
    }
    return figures, limit


def bare_seconds(seed: str, lots: Sequence[Lot], share: Sequence[bytes]) -> tuple[float, float]:
    """Wall and processor seconds of the loop alone: no bound, no list, no start of a process; the ids are cut
    into lines before."""
    lines = {number: share[number].split(LINE)[:-1] for lot in lots for number in lot.pieces}
    start, cpu = time.perf_counter(), time.process_time()
    for lot in lots:
        copy = hashlib.sha256(f"{seed}|E|{lot.group}|".encode()).copy
        for number in lot.pieces:
            for ident in lines[number]:
                state = copy()
                state.update(ident)
                state.digest()
    return time.perf_counter() - start, time.process_time() - cpu


def _watched(work: Callable[[], Answer]) -> tuple[Answer, float, int, float]:
    """The answer, wall seconds, the most megabytes that this process and its children held at once, and the
    processor seconds of all of them."""
    done = threading.Event()
    peak = [_resident_mb()]

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], _resident_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start, cpu = time.perf_counter(), sum(os.times()[:4])
    try:
        answer = work()
        seconds, cpu = time.perf_counter() - start, sum(os.times()[:4]) - cpu
    finally:
        done.set()
        watcher.join()
    return answer, seconds, peak[0], cpu


def _resident_mb() -> int:
    """Resident memory of this process and all below it, shared pages counted in each; 0 without /proc."""
    todo, total = [os.getpid()], 0
    while todo:
        proc = Path("/proc") / str(todo.pop())
        with contextlib.suppress(OSError):
            total += int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in (proc / "task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
    return total // 2**20
