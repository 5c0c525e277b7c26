"""What the planner's report may show, field by field: ``section.column`` of its view.

In: nothing. Out: tuples of names. May import: nothing.

The report is for the planners' own house: it names officers, experts and enterprises. Of an officer it has
the number, the name, the department and when he is away; not his certificate, his qualifications, the kind
of a leave, nor ground, evidence or decider of a recusal. The seed and all tickets stay out of it.
"""

_CAMPAIGN = (
    "campaign_id name authority slot start end rehearsal rejected_rows frame_size strata draws n_enterprises"
    " n_people n_called n_officers n_visits n_placed n_late_orders n_late_placed"
)
_SOLVED = (
    "attempt method solver solver_version discretionary reproducible other_solver verdict order profile"
    " plan_sha256 seed_commitment pair_cap notes"
)
_MERGING = (
    "n_requirements n_onsite_requirements n_enterprises n_visits doors doors_unmerged n_fewest_proved"
    " n_served n_unscheduled"
)

SECTIONS: dict[str, str] = {
    "campaign": _CAMPAIGN,
    "solved": _SOLVED,
    "merging": _MERGING,
    "second_doors": "reason n_enterprises",
    "goals": "goal component value bound proved sense",
    "rules": "rule checked violations state",
    "time": "days working pieces lon_udeg lat_udeg cosine_ppm lean",
    "departments": "id name x y",
    "districts": "code",
    "tasks": "id name kind lead from to size quota requirements unscheduled",
    "pools": "role department label size quota called",
    "items": "code name",
    "people": "id name department expert x y capacity",
    "enterprises": "id name address district x y",
    "visits": "id enterprise day start minutes risk desk from to ordered n_seats n_work n_tasks",
    "seats": "person department leg back",
    "work": "item department",
    "asked": "task",
    "unscheduled": "requirement visit task risk reason",
    "helpers": "department helper",
    "barred": "person enterprise from to",
    "away": "person from to",
}

REPORT_FIELDS: tuple[str, ...] = tuple(
    f"{section}.{column}" for section, columns in SECTIONS.items() for column in columns.split()
)
"""What ``report.html`` may show. Nothing reaches the page, or the script inside it, but through this list."""
