"""The draw of enterprises replayed from those who are alike: cells counted, tickets ranked.

In: how many there are by (look, class), the plan, the seed, and somebody who hashes their ids. Out:
:class:`Ranking`. Written from ``docs/draw-spec.md`` §3, §5 and §7; may import the domain, the standard
library, and of this room what says who is in scope.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from scheduler.domain.canonical import nfc
from scheduler.domain.hashes import Hash, Profile, hasher
from scheduler.domain.plan import Plan, Stratum
from scheduler.domain.registers import RiskClass, Task

Look = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""What scopes see of an enterprise: district, industry, tags, and the tasks it is exempt from (§4)."""

Key = tuple[Look, RiskClass]
"""Enterprises of one key are alike to every task and every stratum."""

Alike = Mapping[Key, tuple[int, bytes]]
"""How many enterprises look so, and their ids in UTF-8, each followed by a line feed."""

InFrame = Callable[[Look], Iterable[str]]
"""The tasks in whose frame everybody of a look is (§5)."""

Homes = Mapping[str, tuple[str, ...]]
"""By group string the strata that a key's enterprises lie in."""

Found = dict[str, list[tuple[bytes, bytes]]]
"""By stratum raw tickets with ids in UTF-8."""

Ask = Callable[["Question"], Iterable[Found]]
"""Whoever holds the ids answers, in as many parts as there are processes."""

EVERY = b"\xff" * 32
"""No ticket is above this."""

TICKET_BITS = 256


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """``ranked`` holds each stratum's smallest (ticket, id) in order, the drawn and the listed reserves;
    ``members`` its true size. ``outside`` are per task how many of its frame lie in no or in several
    strata."""

    ranked: dict[str, list[tuple[str, str]]]
    members: Counter[str]
    outside: Counter[str]


@dataclass(frozen=True, kw_only=True)
class Question:
    """Of each stratum in ``limits`` the tickets up to its limit, of those the ``wanted`` smallest."""

    seed: str
    profile: Profile
    homes: Mapping[Key, Homes]
    limits: Mapping[str, bytes]
    wanted: Mapping[str, int]


def ranking_of(
    plan: Plan, tasks: Iterable[Task], sizes: Mapping[Key, int], in_frame: InFrame, seed: str, ask: Ask
) -> Ranking:
    """Rank every stratum; the answer rests on the ids alone, not on how many processes hash them."""
    homes, members, outside = _placed(plan, tasks, sizes, in_frame)
    listed = plan.settings.quotas.reserves_listed
    wanted = {s.stratum_id: max(0, s.quota + listed) if s.quota else 0 for s in plan.strata}
    limits = {name: _limit(count, members[name]) for name, count in wanted.items() if count}
    question = Question(seed=seed, profile=plan.settings.profile, homes=homes, limits=limits, wanted=wanted)
    found = _joined(ask(question), wanted)
    # Chance, or a stratum of another size than is told: all of its tickets are looked at.
    short = {
        name: EVERY
        for name, limit in limits.items()
        if limit < EVERY and len(found[name]) < min(wanted[name], members[name])
    }
    if short:
        again = Question(seed=seed, profile=question.profile, homes=homes, limits=short, wanted=wanted)
        found |= {name: pairs for name, pairs in _joined(ask(again), wanted).items() if name in short}
    ranked = {
        name: [(ticket.hex(), ident.decode()) for ticket, ident in pairs] for name, pairs in found.items()
    }
    return Ranking(ranked=ranked, members=members, outside=outside)


def replay(
    plan: Plan, tasks: Iterable[Task], alike: Alike, in_frame: InFrame, seed: str, *, processes: int = 1
) -> Ranking:
    """Rank every stratum of those at hand. The answer is the same for any number of processes."""
    sizes = {key: count for key, (count, _) in alike.items()}
    return ranking_of(plan, tasks, sizes, in_frame, seed, partial(asked, alike, processes))


def _placed(
    plan: Plan, tasks: Iterable[Task], sizes: Mapping[Key, int], in_frame: InFrame
) -> tuple[dict[Key, dict[str, tuple[str, ...]]], Counter[str], Counter[str]]:
    """Where everybody lies, the strata's sizes, and how many of each task's frame lie in none or several."""
    members: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    homes: dict[Key, dict[str, tuple[str, ...]]] = {}
    strata = _Strata(plan, tasks)
    for (look, risk_class), count in sizes.items():
        groups: dict[str, tuple[str, ...]] = {}
        for task_id in in_frame(look):
            found = strata.of(task_id, look[0], risk_class)
            if len(found) != 1:
                outside[task_id] += count
            for stratum in found:
                members[stratum.stratum_id] += count
                groups[stratum.group] = (*groups.get(stratum.group, ()), stratum.stratum_id)
        homes[look, risk_class] = groups
    return homes, members, outside


class _Strata:
    """The plan's strata by task, district and class."""

    def __init__(self, plan: Plan, tasks: Iterable[Task]) -> None:
        self._found: dict[tuple[str, str, RiskClass], list[Stratum]] = defaultdict(list)
        self._by_district = {task.task_id for task in tasks if task.by_district}
        for stratum in plan.strata:
            for risk_class in stratum.risk_classes:
                self._found[stratum.task_id, stratum.district, risk_class].append(stratum)

    def of(self, task_id: str, district: str, risk_class: RiskClass) -> list[Stratum]:
        """The strata in which such enterprises of the task's frame lie: lawful is exactly one."""
        return self._found.get((task_id, district if task_id in self._by_district else "", risk_class), [])


def _limit(wanted: int, size: int) -> bytes:
    """Up to here lie about half as many tickets again as are wanted, as they are spread evenly."""
    likely = wanted + wanted // 2 + 48
    if likely >= size:
        return EVERY
    return ((likely << TICKET_BITS) // size).to_bytes(TICKET_BITS // 8, "big")


def _joined(parts: Iterable[Found], wanted: Mapping[str, int]) -> Found:
    """Per stratum the smallest of all parts, ascending."""
    joined: Found = {name: [] for name in wanted}
    for part in parts:
        for name, pairs in part.items():
            joined[name] += pairs
    return {name: sorted(pairs)[: wanted[name]] for name, pairs in joined.items()}


def asked(alike: Alike, processes: int, question: Question) -> Iterator[Found]:
    """The answer of those at hand, dealt to processes: the largest first to whoever has least to do."""
    hands: list[list[tuple[Key, bytes]]] = [[] for _ in range(max(1, processes))]
    loads = [0] * len(hands)
    work = {key: len(ids) * len(question.homes[key]) for key, (_, ids) in alike.items()}
    for key in sorted(work, key=lambda key: (-work[key], key)):
        least = loads.index(min(loads))
        hands[least].append((key, alike[key][1]))
        loads[least] += work[key]
    if len(hands) == 1:
        yield answer(question, hands[0])
        return
    with ProcessPoolExecutor(len(hands), mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(answer, question), hands)


def answer(question: Question, crowd: Iterable[tuple[Key, bytes]]) -> Found:
    """The answer for these ids alone, each followed by a line feed.

    They are cut apart only here: what is hashed one after the other then lies side by side in memory.
    """
    found: dict[str, list[tuple[bytes, bytes]]] = {name: [] for name in question.limits}
    starts: dict[str, Hash] = {}
    for key, joined in crowd:
        own, look = joined.split(b"\n")[:-1], _tickets if joined.isascii() else _tickets_in_nfc
        for group, names in question.homes.get(key, {}).items():
            limits = {name: question.limits[name] for name in names if name in question.limits}
            if not limits:
                continue
            if group not in starts:
                head = nfc(f"{question.seed}|E|{group}|").encode()
                starts[group] = hasher(question.profile)(head)
            under = look(starts[group], own, max(limits.values()))
            for name, limit in limits.items():
                found[name] += [pair for pair in under if pair[0] <= limit]
    return {name: sorted(pairs)[: question.wanted[name]] for name, pairs in found.items()}


def _tickets(start: Hash, idents: Iterable[bytes], limit: bytes) -> list[tuple[bytes, bytes]]:
    """Raw tickets up to the limit with their ids: the bytes before the id are hashed once for all."""
    found = []
    again = start.copy
    for ident in idents:
        state = again()
        state.update(ident)
        ticket = state.digest()
        if ticket <= limit:
            found.append((ticket, ident))
    return found


def _tickets_in_nfc(start: Hash, idents: Sequence[bytes], limit: bytes) -> list[tuple[bytes, bytes]]:
    """The same for ids that may not be in normal form: that is what is hashed, told is what stands there."""
    normal = [nfc(ident.decode()).encode() for ident in idents]
    tickets = (ticket for ticket, _ in _tickets(start, normal, EVERY))
    return [pair for pair in zip(tickets, idents, strict=True) if pair[0] <= limit]
