"""One method per rule: its sentence, its formula, and nothing else.

In: variables. Out: constraints on their model. May import: ``scheduler.domain``, the model's variables.

Notation: v a visit, g one of its groups, p a person, t a day; x[v,g,p] seats, y[v] presence, f[v,g] a full
group, d[v,t] days, s[v] starts.
"""

from collections.abc import Callable
from itertools import pairwise

from ortools.sat.python import cp_model

from solvers import cpsat
from solvers.facts import skill_sets
from solvers.model.variables import Variables


class Constraints:
    """Rules R03 to R16 over one set of variables; each method may be called alone."""

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.facts = variables.facts
        self.model = variables.model

    def r03_officers(self) -> None:
        """R03 Each participating department sends its officers: as many as its group has seats.

        Σ_p x[v,g,p] = n_seats · f[v,g] for groups of departments.
        """
        self._take_seats(expert=False)

    def r04_certificate(self) -> None:
        """R04 An officer's certificate is valid on the day: nobody is sent on a day that is not his.

        x[v,g,p] + d[v,t] <= 1 for t not in days(p).
        """
        self._only_own_days()

    def r05_skills(self) -> None:
        """R05 Each item is covered by an officer of the group with the skill; where covers are distinct, by
        another one for each (Hall's condition).

        Σ_{p holds any of S} x[v,g,p] >= |S| · f[v,g] for S each skill, or each set of skills.
        """
        for visit, at in self._groups():
            group = self.facts.visits[visit].groups[at]
            seats = self.variables.seats(visit, at)
            for asked in skill_sets(group.skills, distinct=self.facts.problem.distinct_cover):
                mask = sum(1 << skill for skill in asked)
                holders = [seat for person, seat in seats.items() if self.facts.skills[person] & mask]
                self.model.add(cpsat.total(holders) >= len(asked) * self.variables.full(visit, at))

    def r06_experts(self) -> None:
        """R06 An expert where an item asks for one, in a seat of his own: groups of experts are filled
        apart from the departments'.

        Σ_p x[v,g,p] = n_seats · f[v,g] for groups of experts.
        """
        self._take_seats(expert=True)

    def r07_recusal(self) -> None:
        """R07 Nobody visits an enterprise he is barred from; people barred from each other share no team.

        x[v,g,p] = 0 for p in barred(g); sits[p,v] + sits[q,v] <= 1 for barred pairs p, q.
        """
        for visit, at in self._groups():
            barred = frozenset(self.facts.visits[visit].groups[at].barred)
            for person, seat in self.variables.seats(visit, at).items():
                if person in barred:
                    self.model.add_bool_and(seat.negated())
        for one, other in self.facts.problem.barred_pairs:
            self._never_together(one, other)

    def r09_one_place(self) -> None:
        """R09 Nobody is in two places: between two visits of a day lies the travel time.

        s[i] + duration[i] + travel[i,j] <= s[j] where j follows i on the same day; one seat per visit.
        """
        if self.variables.columns is not None:  # each pair of an outing is one after the other
            return
        for (_, visit, following), arc in self.variables.arcs.same.items():
            site = self.facts.visit_site
            gap = self.facts.duration[visit] + self.facts.leg(site[visit], site[following])
            later = self.facts.grid * (self.variables.start(following) - self.variables.start(visit))
            self.model.add(later >= gap).only_enforce_if(arc)

    def r10_limits(self) -> None:
        """R10 Nobody has more visits or minutes than his limits for a day, a week and the campaign; a day's
        minutes include all travel of the day.

        Σ_v at[p,v,t] <= visits; along the circuit clock[j] >= clock[i] + travel[i,j] + duration[j].
        """
        weeks: dict[int, list[int]] = {}
        for day, week in enumerate(self.facts.problem.weeks):
            weeks.setdefault(week, []).append(day)
        every_day = list(range(len(self.facts.problem.days)))
        for body in self.variables.visits_of:
            who = self.facts.people[body]
            for days in weeks.values():
                self._at_most(body, days, who.max_visits_week, who.max_minutes_week)
            self._at_most(body, every_day, who.max_visits, who.max_minutes)
            if self.variables.columns is not None:  # no outing is longer than a day may be
                continue
            for day in every_day:
                self._at_most(body, [day], who.max_visits_day, 0)
            if who.max_minutes_day:
                self._clock(body, who.max_minutes_day)

    def r11_leave_and_hours(self) -> None:
        """R11 No visit while somebody is on leave or duty, on a day off, or over lunch.

        As R04 for days; s[v] only where the visit lies wholly inside one piece of the day.
        """
        self._only_own_days()
        self._only_inside_pieces()

    def r12_window(self) -> None:
        """R12 A visit lies in its window and opening hours, outside of quiet periods.

        d[v,t] = 0 for t not in days(v); s[v] only where the visit lies wholly inside one of its pieces.
        """
        for visit, need in enumerate(self.facts.visits):
            for day in set(range(len(self.facts.problem.days))) - set(need.days):
                self.model.add_bool_and(self.variables.on_day(visit, day).negated())
        self._only_inside_pieces()

    def r13_together(self) -> None:
        """R13 All teams of a merged visit come, or none does: at its one day and its one start.

        f[v,g] = y[v] for every group g.
        """
        for visit, at in self._groups():
            self.model.add(self.variables.full(visit, at) == self.variables.present(visit))

    def r15_leader_and_senior(self) -> None:
        """R15 A leader is among the team, and a newcomer never without a senior: of the group where the group
        asks, of all officers of the visit where the visit asks.

        Σ_{p leads} x[v,g,p] >= f[v,g]; Σ_{p is no newcomer} x[v,g,p] >= f[v,g]; over the visit both >= y[v].
        A team without a newcomer has a senior of its own, so the second holds for every team with a seat.
        """
        people = self.facts.people
        leaders = frozenset(idx for idx, person in enumerate(people) if person.is_leader)
        seniors = frozenset(idx for idx, person in enumerate(people) if not person.is_newcomer)
        for visit, at in self._groups():
            group = self.facts.visits[visit].groups[at]
            for asked, able in ((group.leader, leaders), (group.senior, seniors)):
                if asked and group.n_seats:
                    self._some_of(able, visit, [at], self.variables.full(visit, at))
        for visit, need in enumerate(self.facts.visits):
            officers = [at for at, group in enumerate(need.groups) if group.department_idx >= 0]
            for asked, able in ((need.leader, leaders), (need.senior, seniors)):
                if asked:
                    self._some_of(able, visit, officers, self.variables.present(visit))

    def r16_fixed_groups(self) -> None:
        """R16 Fixed groups stay together: all of them sit in a group of seats, or none does.

        x[v,g,p] = x[v,g,q] for p, q of one fixed group; x[v,g,p] = 0 where q is in none of the group's pools.
        """
        fixed: dict[int, list[int]] = {}
        for idx, person in enumerate(self.facts.people):
            if person.fixed_idx >= 0:
                fixed.setdefault(person.fixed_idx, []).append(idx)
        for visit, at in self._groups():
            seats = self.variables.seats(visit, at)
            for mates in fixed.values():
                own = [seats[person] for person in mates if person in seats]
                if len(own) == len(mates):
                    for one, other in pairwise(own):
                        self.model.add(one == other)
                elif own:
                    self.model.add_bool_and([seat.negated() for seat in own])

    def _some_of(self, able: frozenset[int], visit: int, groups: list[int], literal: cp_model.IntVar) -> None:
        seats = [
            seat
            for at in groups
            for person, seat in self.variables.seats(visit, at).items()
            if person in able
        ]
        self.model.add(cpsat.total(seats) >= literal)

    def _groups(self) -> list[tuple[int, int]]:
        return [(v, at) for v, need in enumerate(self.facts.visits) for at in range(len(need.groups))]

    def _take_seats(self, *, expert: bool) -> None:
        for visit, at in self._groups():
            group = self.facts.visits[visit].groups[at]
            if (group.department_idx < 0) == expert:
                seats = self.variables.seats(visit, at)
                self.model.add(cpsat.total(seats.values()) == group.n_seats * self.variables.full(visit, at))
        for body, visit in self.variables.rows:
            self.variables.sits(body, visit)

    def _only_own_days(self) -> None:
        for visit, at in self._groups():
            for person, seat in self.variables.seats(visit, at).items():
                for day in range(len(self.facts.problem.days)):
                    if not self.facts.days_mask[person] >> day & 1:
                        self.model.add_implication(seat, self.variables.on_day(visit, day).negated())

    def _only_inside_pieces(self) -> None:
        for visit in range(len(self.facts.visits)):
            mask = self.facts.starts[visit]
            allowed = [step for step in range(mask.bit_length()) if mask >> step & 1]
            start = self.variables.start(visit)
            if allowed:
                self.model.add_linear_expression_in_domain(start, cp_model.Domain.from_values(allowed))
            else:
                self.model.add_bool_and(self.variables.present(visit).negated())

    def _never_together(self, one: int, other: int) -> None:
        for visit, at in self._groups():
            mine = self.variables.seats(visit, at).get(one)
            for other_at in range(len(self.facts.visits[visit].groups)):
                theirs = self.variables.seats(visit, other_at).get(other)
                if mine is not None and theirs is not None:
                    self.model.add_at_most_one(mine, theirs)

    def _at_most(self, body: int, days: list[int], visits: int, minutes: int) -> None:
        terms: list[tuple[int, cp_model.IntVar]] = []
        if visits or minutes:
            whole = len(days) == len(self.facts.problem.days)
            for visit in self.variables.visits_of[body]:
                here = (
                    [self.variables.sits(body, visit)]
                    if whole
                    else [self.variables.at(body, visit, day) for day in days]
                )
                terms.extend((self.facts.duration[visit], literal) for literal in here)
        if visits:
            self.model.add(cpsat.total(literal for _, literal in terms) <= visits)
        if minutes:
            self.model.add(cpsat.total(length * literal for length, literal in terms) <= minutes)

    def _clock(self, body: int, limit: int) -> None:
        """Minutes spent since leaving the office that day, visit and way so far included."""
        facts, arcs, model = self.facts, self.variables.arcs, self.model
        site, home = facts.visit_site, facts.home[body]
        clock = {visit: model.new_int_var(0, limit, "") for visit in self.variables.visits_of[body]}
        for visit, spent in clock.items():
            way = facts.leg(home, site[visit])
            for arc in arcs.leaves_home(body, visit):
                model.add(spent >= way + facts.duration[visit]).only_enforce_if(arc)
            for arc in arcs.goes_home(body, visit):
                model.add(spent + way <= limit).only_enforce_if(arc)
            for following, then in clock.items():
                same = arcs.same.get((body, visit, following))
                if same is not None:
                    leg = facts.leg(site[visit], site[following])
                    model.add(then >= spent + leg + facts.duration[following]).only_enforce_if(same)


CONSTRAINTS: dict[str, Callable[[Constraints], None]] = {
    "R03": Constraints.r03_officers,
    "R04": Constraints.r04_certificate,
    "R05": Constraints.r05_skills,
    "R06": Constraints.r06_experts,
    "R07": Constraints.r07_recusal,
    "R09": Constraints.r09_one_place,
    "R10": Constraints.r10_limits,
    "R11": Constraints.r11_leave_and_hours,
    "R12": Constraints.r12_window,
    "R13": Constraints.r13_together,
    "R15": Constraints.r15_leader_and_senior,
    "R16": Constraints.r16_fixed_groups,
}
"""Rule to the method that keeps it."""

ABSENT: dict[str, str] = {
    "R01": "a problem holds visits of drawn enterprises only; a placement names one of them",
    "R02": "a problem's pools hold drawn people only; a seat takes a member of its group's pools",
    "R08": "a group's pools are those of departments whose jurisdiction covers the enterprise",
    "R14": "who had reached the cap was out of the frame; a placement adds no inspection to those drawn",
    "R17": "a visit's items were fixed by the merge; a placement says nothing about items",
    "R18": "every visit of the problem is a placement or stands in `unplaced` with its reason",
    "R19": "whom the pair cap does not admit at an enterprise is barred in its groups, before solving",
}
"""Rule to why no answer to a problem could break it."""
