"""Campaigns for tests of the planner's report: the finished small one, and one with very many visits."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from finished import TEAMS, finished
from small import START

from scheduler.domain.plan import DrawnPerson
from scheduler.domain.registers import Enterprise
from scheduler.domain.schedule import Seat
from scheduler.domain.visits import Requirement, Visit

NAMES = ("plan", "registers", "draw", "merged", "schedule", "certificate")


def campaign() -> dict[str, Any]:
    """What :func:`scheduler.export.report` is given; everybody of the registers is drawn."""
    case = finished()
    known = case["registers"]
    idents = [row.inspector_id for row in known.inspectors] + [row.expert_id for row in known.experts]
    people = tuple(
        DrawnPerson(pool_id="p", rank=rank, person_id=ident, ticket=f"{rank:064x}", drawn=True)
        for rank, ident in enumerate(idents, start=1)
    )
    return {name: case[name] for name in NAMES} | {"draw": replace(case["draw"], people=people)}


def many(n_visits: int) -> dict[str, Any]:
    """The campaign with so many visits instead, each at its own enterprise and of one department, on the
    working days in turn; who sits where is not looked at by anybody."""
    case = campaign()
    days = [START + dt.timedelta(days=n) for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
    bodies = sorted(TEAMS)
    known = case["registers"]
    firms, needs, visits, seats = [], [], [], []
    for n in range(n_visits):
        firm = replace(known.enterprises[n % 12], enterprise_id=f"F{n:06d}", name=f"第{n}号店")
        body, ident = bodies[n % 3], f"V-F{n:06d}-1"
        item = {"D-fire": "X01", "D-food": "S02", "D-work": "R01"}[body]
        firms.append(_moved(firm, n))
        needs.append(_need(firm, body, item))
        visits.append(
            Visit(
                visit_id=ident,
                enterprise_id=firm.enterprise_id,
                requirement_ids=(needs[-1].requirement_id,),
                item_codes=(item,),
                department_ids=(body,),
                start=START,
                end=days[-1],
                duration_min=60,
                on_site=True,
            )
        )
        start = 540 + 15 * (n % 9)
        seats += [
            Seat(
                visit_id=ident,
                day=days[n % 10],
                start_min=start,
                end_min=start + 60,
                department_id=body,
                person_id=person,
                role="officer",
            )
            for person in TEAMS[body]
        ]
    case["registers"] = replace(known, enterprises=tuple(firms))
    case["merged"] = replace(
        case["merged"],
        requirements=tuple(sorted(needs, key=lambda row: row.requirement_id)),
        visits=tuple(visits),
        report=replace(case["merged"].report, n_visits=n_visits, doors=n_visits, doors_unmerged=n_visits),
    )
    seats.sort(key=lambda seat: (seat.day, seat.start_min, seat.visit_id, seat.person_id))
    case["schedule"] = replace(case["schedule"], seats=tuple(seats), unscheduled=())
    return case


def _moved(firm: Enterprise, n: int) -> Enterprise:
    return replace(firm, lon_udeg=120_200_000 + 700 * (n % 97), lat_udeg=30_200_000 + 700 * (n // 97))


def _need(firm: Enterprise, body: str, item: str) -> Requirement:
    task = {"D-fire": "T-fire", "D-food": "T-food", "D-work": "T-work"}[body]
    return Requirement(
        requirement_id=f"{task}:{firm.enterprise_id}",
        task_id=task,
        enterprise_id=firm.enterprise_id,
        risk_class=firm.risk_class,
        ticket="0" * 64,
        item_codes=(item,),
        department_ids=(body,),
        start=START,
        end=START + dt.timedelta(days=12),
        on_site=True,
    )


def data_in(page: bytes) -> dict[str, Any]:
    """What the report's script computes with."""
    text = page.decode().partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    data: dict[str, Any] = json.loads(text)
    return data
