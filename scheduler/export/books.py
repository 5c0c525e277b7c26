"""The roster workbooks of a campaign, one after the other, so that never two are in memory.

In: plan, registers, merge result, schedule, certificate. Out: file names with their bytes.
May import: :mod:`scheduler.domain`, xlsxwriter.
"""

from collections.abc import Iterator, Sequence

from scheduler.domain.plan import Plan
from scheduler.domain.registers import Registers
from scheduler.domain.reserves import SealedReserve
from scheduler.domain.schedule import Certificate, Schedule
from scheduler.domain.visits import MergeResult
from scheduler.export.facts import gather
from scheduler.export.fields import ROSTERS
from scheduler.export.mixture import refuse_mixture
from scheduler.export.names import workbook_name
from scheduler.export.reserves import reserve_sheet
from scheduler.export.rosters import department_sheets, expert_sheet
from scheduler.export.sheets import workbook_bytes
from scheduler.export.summary import summary_sheets

SUMMARY = "汇总.xlsx"


def workbooks(
    plan: Plan,
    registers: Registers,
    merged: MergeResult,
    schedule: Schedule,
    certificate: Certificate,
    reserves: Sequence[SealedReserve] = (),
) -> Iterator[tuple[str, bytes]]:
    """``汇总.xlsx`` (with the ``reserves`` called), then a workbook per department, as the register has them.

    The same input gives the same bytes. A department without visits has its headings; in a rehearsal
    every sheet's title begins with 【演练】.

    Errors: :class:`~scheduler.domain.errors.InputError` ``export.mismatch`` where the certificate is of
    another campaign or attempt, ``export.too_many_rows`` where a sheet cannot hold them.
    """
    refuse_mixture(plan, schedule, certificate)
    facts = gather(plan, registers, merged, schedule, ROSTERS)
    head = f"【演练】{plan.settings.name}" if plan.settings.rehearsal else plan.settings.name
    files = tuple(
        (row, workbook_name(position, row.name))
        for position, row in enumerate(registers.departments, start=1)
    )
    sheets = summary_sheets(plan, merged, schedule, certificate, facts, files, head)
    more = (expert_sheet(facts, head), reserve_sheet(reserves, facts, head))
    yield SUMMARY, workbook_bytes((*sheets, *more))
    for department, file in files:
        yield file, workbook_bytes(department_sheets(department, facts, head))
