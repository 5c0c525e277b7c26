"""Compiled: the cheapest lawful place of one visit in a roster in which nothing else moves.

In: a land, a state, a bench. Out: a cost; day, start and team in the bench. May import: ``solvers.blocks``
(land, bench, times, stops, teams, jit).

Where nothing is found that is no proof: idle people of equal kind stand for each other, and teams of a
visit's groups are chosen one after the other. The proof is ``solvers.insertion.best_place``.
"""

# ruff: noqa: C901, PLR0912 - compiled loops: plain and whole, generators are not compiled
# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from solvers.blocks.bench import (
    ALONE,
    B_COST,
    B_DAY,
    B_FIRST,
    B_LAST,
    B_START,
    BASE,
    COST,
    KIND,
    LEAST,
    MOST_KINDS,
    MOST_OFFERS,
    N_COME,
    N_FIT,
    N_OFFERS,
    O_LEAST,
    O_SLOTS,
    PERSON,
    PICK,
    S_EXTRA,
    S_FIRST,
    S_LAST,
    TEAM,
    Bench,
)
from solvers.blocks.dice import below
from solvers.blocks.jit import jit
from solvers.blocks.land import (
    ALL_MINUTES,
    ALL_VISITS,
    APART,
    ASKED,
    BAR_AT,
    BAR_END,
    BODY,
    CAPACITY,
    CREW,
    DAY,
    DAY_AT,
    DAY_END,
    DAY_MIN,
    DAY_MINUTES,
    DAY_VISITS,
    DUR,
    FIRST_STOP,
    FOE_AT,
    FOE_END,
    G_LEADER,
    G_SEAT_AT,
    G_SEAT_END,
    G_SENIOR,
    GROUP_AT,
    GROUP_END,
    HOME,
    HOME_X,
    HOME_Y,
    IS_LEADER,
    IS_NEW,
    LOAD,
    LONG,
    MINUTES,
    N_STOPS,
    ON_SITE,
    POOL_AT,
    POOL_END,
    SEAT_AT,
    SEAT_END,
    SKILLS,
    START,
    V_LEADER,
    V_SENIOR,
    VISITS,
    WAY,
    WEEK_MINUTES,
    WEEK_VISITS,
    Ints,
    Land,
    State,
    X,
    Y,
)
from solvers.blocks.stops import strain
from solvers.blocks.teams import NONE, accompanied, cheapest_team, has_leader
from solvers.blocks.times import first_start, last_start, leg

MINUTE = 4
"""Cost units per minute of travel or strain; what is less breaks ties."""
MOST_BASE = 1 << 32
MOST_RATIO = (1 << 14) - 1
MOST_MEMBERS = 1 << 15
MOST_DAYS = 40
"""Days looked at during the search; a task's window is up to twenty (docs/reference/instances.md)."""


@jit
def sort(keys: Ints, n: int) -> None:
    """The first ``n`` keys ascending, in place (Shell's method: short lists, nothing allocated)."""
    gap = n // 2
    while gap:
        for at in range(gap, n):
            key, place = keys[at], at
            while place >= gap and keys[place - gap] > key:
                keys[place] = keys[place - gap]
                place -= gap
            keys[place] = key
        gap //= 2


@jit
def fitting(land: Land, state: State, bench: Bench, visit: int, place: int, group: int) -> None:
    """Fill ``bench.fit``: who may sit in the group, least strained first, then least loaded."""
    n, minutes, asked = 0, land.visits[visit, DUR], land.groups[group, ASKED]
    fit = bench.fit[place]
    for at in range(land.groups[group, POOL_AT], land.groups[group, POOL_END]):
        pool = land.lists[at]
        for place_in in range(land.pools[pool, 0], land.pools[pool, 1]):
            person, barred = land.lists[place_in], False
            for banned in range(land.groups[group, BAR_AT], land.groups[group, BAR_END]):
                if land.lists[banned] == person:
                    barred = True
            if barred or n >= MOST_MEMBERS:
                continue
            load = state.people[person, LOAD]
            more = strain(state, person, load + minutes) - strain(state, person, load)
            ratio = min(1000 * load // land.people[person, CAPACITY], MOST_RATIO)
            bench.starts[n] = ((min(MINUTE * more, MOST_BASE) << 14 | ratio) << 15) | n
            fit[n, KIND] = person
            n += 1
    sort(bench.starts, n)
    for at in range(n):
        fit[at, PERSON] = fit[bench.starts[at] & (MOST_MEMBERS - 1), KIND]
        fit[at, BASE] = bench.starts[at] >> 29
    leaders = land.visits[visit, V_LEADER] or land.groups[group, G_LEADER]
    seniors = land.visits[visit, V_SENIOR] or land.groups[group, G_SENIOR]
    home, way = -1, 0
    for at in range(n):
        person = fit[at, PERSON]
        kind = (land.people[person, SKILLS] & asked) << 2
        if leaders:
            kind |= land.people[person, IS_LEADER] << 1
        if seniors:
            kind |= land.people[person, IS_NEW]
        if land.people[person, HOME] != home:
            home = land.people[person, HOME]
            x, y = land.people[person, HOME_X], land.people[person, HOME_Y]
            way = 2 * leg(land, x, y, land.visits[visit, X], land.visits[visit, Y])
        possible = minutes + way <= land.people[person, DAY_MINUTES] and land.people[person, DAY_VISITS] > 0
        fit[at, KIND] = kind << 24 | home
        fit[at, ALONE] = way if possible else -1
    bench.group[place, N_FIT] = n


@jit
def has_room(land: Land, state: State, person: int, visit: int, day: int) -> bool:
    """Whether week and campaign have room for one more visit of the person."""
    body, week, minutes = land.people[person, BODY], land.week[day], land.visits[visit, DUR]
    return (
        state.people[body, VISITS] + 1 <= land.people[person, ALL_VISITS]
        and state.people[body, MINUTES] + minutes <= land.people[person, ALL_MINUTES]
        and state.weeks[body, week, 0] + 1 <= land.people[person, WEEK_VISITS]
        and state.weeks[body, week, 1] + minutes <= land.people[person, WEEK_MINUTES]
    )


@jit
def find_slots(
    land: Land, state: State, bench: Bench, place: int, offer: int, person: int, visit: int, day: int
) -> int:
    """Fill the slots of one person's day that cost less than the best place known; how many."""
    minutes, x, y = land.visits[visit, DUR], land.visits[visit, X], land.visits[visit, Y]
    body = land.people[person, BODY]
    n = state.routes[day, body, N_STOPS]
    legs, found = FIRST_STOP + (state.routes.shape[2] - FIRST_STOP) // 2, 0
    if n >= land.people[person, DAY_VISITS]:
        return 0
    used = state.routes[day, body, ON_SITE] + state.routes[day, body, WAY] + minutes
    spare = min(land.people[person, DAY_MINUTES] - used, (bench.best[B_COST] - 1) // MINUTE)
    home = leg(land, land.people[body, HOME_X], land.people[body, HOME_Y], x, y)
    arrive, ready = home, 0
    for at in range(n + 1):
        following, leave = -1, home
        if at < n:
            following = state.routes[day, body, FIRST_STOP + at]
            leave = leg(land, x, y, land.visits[following, X], land.visits[following, Y])
        extra = arrive + leave - state.routes[day, body, legs + at]
        if extra <= spare:
            latest = DAY_MIN - minutes
            if following >= 0:
                latest = state.plan[following, START] - minutes - leave
            first = first_start(land, visit, ready + arrive if at else 0)
            if 0 <= first <= latest:
                bench.slots[place, offer, found, S_EXTRA] = extra
                bench.slots[place, offer, found, S_FIRST] = first
                bench.slots[place, offer, found, S_LAST] = last_start(land, visit, latest)
                found += 1
        if following >= 0:
            arrive, ready = leave, state.plan[following, START] + land.visits[following, DUR]
    return found


@jit
def same_day(land: Land, state: State, one: int, other: int, day: int) -> bool:
    """Whether two people make the same stops from the same home under the same limits of a day."""
    a, b = land.people[one, BODY], land.people[other, BODY]
    n = state.routes[day, a, N_STOPS]
    if n != state.routes[day, b, N_STOPS] or state.routes[day, a, WAY] != state.routes[day, b, WAY]:
        return False
    for at in range(FIRST_STOP, FIRST_STOP + n):
        if state.routes[day, a, at] != state.routes[day, b, at]:
            return False
    return (
        land.people[one, HOME] == land.people[other, HOME]
        and land.people[one, DAY_VISITS] == land.people[other, DAY_VISITS]
        and land.people[one, DAY_MINUTES] == land.people[other, DAY_MINUTES]
    )


@jit
def kind_of(bench: Bench, n_kinds: int, kind: int) -> int:
    """Where the kind stands among the first ``n_kinds``; ``n_kinds`` if nowhere."""
    for at in range(n_kinds):
        if bench.kinds[at, 0] == kind:
            return at
    return n_kinds


@jit
def busy_slots(
    land: Land, state: State, bench: Bench, place: int, offer: int, person: int, visit: int, day: int
) -> tuple[int, int]:
    """How many slots somebody under way has for the visit, and the least extra travel of them. Who makes
    the same way as one before him has the same."""
    for twin in range(offer):
        if same_day(land, state, person, bench.offer[place, twin, PERSON], day):
            for slot in range(bench.offer[place, twin, O_SLOTS]):
                for column in range(3):
                    bench.slots[place, offer, slot, column] = bench.slots[place, twin, slot, column]
            return bench.offer[place, twin, O_SLOTS], least_extra(bench, place, twin)
    n = find_slots(land, state, bench, place, offer, person, visit, day)
    bench.offer[place, offer, O_SLOTS] = n
    return n, least_extra(bench, place, offer)


@jit
def least_extra(bench: Bench, place: int, offer: int) -> int:
    """The least extra travel of the offer's slots."""
    extra = NONE
    for slot in range(bench.offer[place, offer, O_SLOTS]):
        extra = min(extra, bench.slots[place, offer, slot, S_EXTRA])
    return extra


@jit
def offers(
    land: Land, state: State, bench: Bench, visit: int, place: int, day: int, asked: int, blink: int
) -> int:
    """Fill ``bench.offer``: who can come on the day; of idle people of one kind and home as many as there
    are seats. Returns the least that the group's seats cost together, :data:`NONE` where too few can come.
    """
    n, n_kinds, enough = 0, 0, asked
    if not land.visits[visit, APART]:
        enough = land.visits[visit, SEAT_END] - land.visits[visit, SEAT_AT]
    for at in range(bench.group[place, N_FIT]):
        person = bench.fit[place, at, PERSON]
        if not land.works[day, person] or n >= MOST_OFFERS:
            continue
        if state.busy[day, land.people[person, BODY]]:
            if blink and below(bench.dice, 1024) < blink:
                continue
            n_slots, extra = busy_slots(land, state, bench, place, n, person, visit, day)
        else:
            extra = bench.fit[place, at, ALONE]
            if MINUTE * extra + bench.fit[place, at, BASE] >= bench.best[B_COST] or extra < 0:
                continue
            known = kind_of(bench, n_kinds, bench.fit[place, at, KIND])
            plain = land.people[person, FOE_AT] == land.people[person, FOE_END]
            if plain and land.people[person, CREW] < 0:
                if known < n_kinds and bench.kinds[known, 1] >= enough:
                    continue
                if known == n_kinds < MOST_KINDS:
                    bench.kinds[known, 0], bench.kinds[known, 1] = bench.fit[place, at, KIND], 0
                    n_kinds += 1
                if known < MOST_KINDS:
                    bench.kinds[known, 1] += 1
            n_slots = 1
            bench.slots[place, n, 0, S_EXTRA] = extra
            bench.slots[place, n, 0, S_FIRST] = bench.best[B_FIRST]
            bench.slots[place, n, 0, S_LAST] = bench.best[B_LAST]
        least = bench.fit[place, at, BASE] + MINUTE * extra
        if not n_slots or least >= bench.best[B_COST]:
            continue
        if land.people[person, LONG] and not has_room(land, state, person, visit, day):
            continue
        bench.offer[place, n, PERSON], bench.offer[place, n, BASE] = person, bench.fit[place, at, BASE]
        bench.offer[place, n, O_LEAST], bench.offer[place, n, O_SLOTS] = least, n_slots
        n += 1
    bench.group[place, N_OFFERS] = n
    return least_sum(bench.offer[place, :n, O_LEAST], asked)


@jit
def least_sum(costs: Ints, k: int) -> int:
    """The sum of the ``k`` smallest costs, :data:`NONE` where there are fewer."""
    if len(costs) < k:
        return NONE
    if k == 1:
        least = NONE
        for cost in costs:
            least = min(least, cost)
        return least
    if k == 2:
        one, two = NONE, NONE
        for cost in costs:
            if cost < one:
                one, two = cost, one
            elif cost < two:
                two = cost
        return one + two
    total, last, taken = 0, -NONE, 0
    while taken < k:
        following, times = NONE, 0
        for cost in costs:
            if last < cost < following:
                following, times = cost, 1
            elif cost == following:
                times += 1
        times = min(times, k - taken)
        total, taken, last = total + times * following, taken + times, following
    return total


@jit
def add_start(starts: Ints, n: int, start: int) -> int:
    """Keep the first ``n`` starts ascending and once each with one more; how many then."""
    at = n
    while at > 0 and starts[at - 1] > start:
        at -= 1
    if at > 0 and starts[at - 1] == start:
        return n
    for later in range(n, at, -1):
        starts[later] = starts[later - 1]
    starts[at] = start
    return n + 1


@jit
def collect_starts(bench: Bench, n_groups: int) -> int:
    """Every start at which some slot begins or ends: a common start exists only if one of those is."""
    n = 0
    for place in range(n_groups):
        for offer in range(bench.group[place, N_OFFERS]):
            for slot in range(bench.offer[place, offer, O_SLOTS]):
                n = add_start(bench.starts, n, bench.slots[place, offer, slot, S_FIRST])
                n = add_start(bench.starts, n, bench.slots[place, offer, slot, S_LAST])
    return n


@jit
def coming(bench: Bench, place: int, start: int) -> int:
    """Fill ``bench.come``: who can begin at the start, cheapest first; how many."""
    n, come = 0, bench.come[place]
    for offer in range(bench.group[place, N_OFFERS]):
        extra = NONE
        for slot in range(bench.offer[place, offer, O_SLOTS]):
            slots = bench.slots[place, offer, slot]
            if slots[S_FIRST] <= start <= slots[S_LAST]:
                extra = min(extra, slots[S_EXTRA])
        if extra < NONE:
            cost, at = bench.offer[place, offer, BASE] + MINUTE * extra, n
            while at > 0 and come[at - 1, COST] > cost:
                come[at, COST], come[at, PERSON] = come[at - 1, COST], come[at - 1, PERSON]
                at -= 1
            come[at, COST], come[at, PERSON] = cost, bench.offer[place, offer, PERSON]
            n += 1
    bench.group[place, N_COME] = n
    return n


@jit
def teams_at(land: Land, bench: Bench, visit: int, limit: int, provider: int) -> int:
    """Cost of teams for all groups below the limit, one group after the other; ``provider`` is the position
    of the group that brings the leader, -1 for none."""
    first_group, end_group = land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]
    first_seat, n_seats = land.visits[visit, SEAT_AT], 0
    cost, rest = 0, 0
    for place in range(end_group - first_group):
        rest += bench.group[place, LEAST]
    for group in range(first_group, end_group):
        place = group - first_group
        rest -= bench.group[place, LEAST]
        before = land.groups[group, G_SEAT_AT] - first_seat
        found = cheapest_team(land, bench, group, place, before, limit - cost - rest, place == provider)
        if found >= NONE:
            return NONE
        cost += found
        n_seats = land.groups[group, G_SEAT_END] - first_seat
    team = bench.seats[PICK, :n_seats]
    if land.visits[visit, V_SENIOR] and not accompanied(land, team):
        return NONE
    if land.visits[visit, V_LEADER] and not has_leader(land, team):
        return NONE
    return cost


@jit
def try_day(land: Land, bench: Bench, visit: int, day: int) -> None:
    """Better ``bench.best`` and its team where the day has a cheaper place."""
    first_group = land.visits[visit, GROUP_AT]
    n_groups = land.visits[visit, GROUP_END] - first_group
    for at in range(collect_starts(bench, n_groups)):
        start, least = bench.starts[at], 0
        for place in range(n_groups):
            group = first_group + place
            asked = land.groups[group, G_SEAT_END] - land.groups[group, G_SEAT_AT]
            bench.group[place, LEAST] = NONE
            if coming(bench, place, start) >= asked:
                bench.group[place, LEAST] = 0
                for seat in range(asked):
                    bench.group[place, LEAST] += bench.come[place, seat, COST]
            least += bench.group[place, LEAST]
            if least >= bench.best[B_COST]:
                break
        if least >= bench.best[B_COST]:
            continue
        cost = teams_at(land, bench, visit, bench.best[B_COST], -1)
        if land.visits[visit, V_LEADER]:
            place = 0
            while cost >= NONE and place < n_groups:
                cost = teams_at(land, bench, visit, bench.best[B_COST], place)
                place += 1
        if cost < bench.best[B_COST]:
            bench.best[B_COST], bench.best[B_DAY], bench.best[B_START] = cost, day, start
            for seat in range(bench.seats.shape[1]):
                bench.seats[TEAM, seat] = bench.seats[PICK, seat]


@jit
def find_place(land: Land, state: State, bench: Bench, visit: int, blink: int, hint: int) -> int:
    """The least cost at which the visit can be placed, :data:`NONE` where none was found.

    ``hint`` is a day to begin with: a good place found early saves the rest of the looking. With one, of a
    window longer than :data:`MOST_DAYS` only so many days are looked at, by chance."""
    first_group, end_group = land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]
    bench.best[B_COST] = NONE
    bench.best[B_FIRST] = first_start(land, visit, 0)
    bench.best[B_LAST] = last_start(land, visit, DAY_MIN)
    if bench.best[B_FIRST] < 0:
        return NONE
    for group in range(first_group, end_group):
        fitting(land, state, bench, visit, group - first_group, group)
    at_days, n_days = land.visits[visit, DAY_AT], land.visits[visit, DAY_END] - land.visits[visit, DAY_AT]
    turn, looks = 0, n_days
    if hint >= 0 and n_days:
        turn, looks = below(bench.dice, n_days), min(n_days, MOST_DAYS)
        possible = False
        for at in range(at_days, at_days + n_days):
            if land.lists[at] == hint:
                possible = True
        if possible:
            on_day(land, state, bench, visit, hint, blink)
    for step in range(looks):
        day = land.lists[at_days + (step + turn) % n_days]
        if day != hint:
            on_day(land, state, bench, visit, day, blink)
    return bench.best[B_COST]


@jit
def on_day(land: Land, state: State, bench: Bench, visit: int, day: int, blink: int) -> None:
    """Look for a cheaper place on one day."""
    first_group, least = land.visits[visit, GROUP_AT], 0
    for group in range(first_group, land.visits[visit, GROUP_END]):
        asked = land.groups[group, G_SEAT_END] - land.groups[group, G_SEAT_AT]
        least += offers(land, state, bench, visit, group - first_group, day, asked, blink)
        if least >= bench.best[B_COST]:
            return
    try_day(land, bench, visit, day)


@jit
def settle_in(land: Land, state: State, bench: Bench, visit: int) -> None:
    """Write down where :func:`find_place` found room; the visit is not yet put."""
    state.plan[visit, DAY] = bench.best[B_DAY]
    state.plan[visit, START] = bench.best[B_START]
    first, end = land.visits[visit, SEAT_AT], land.visits[visit, SEAT_END]
    for seat in range(first, end):
        state.team[seat] = bench.seats[TEAM, seat - first]
