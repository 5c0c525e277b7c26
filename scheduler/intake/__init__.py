"""Files, workbooks and DataFrames to the registers of the domain; every rejected row is reported.

In: ``campaign.toml`` and the tables it names, or DataFrames. Out: :class:`Intake`. May import: the standard
library, python-calamine, xlsxwriter, chinesecalendar, pandas for types, :mod:`scheduler.domain`.
"""

from scheduler.intake.assemble import problem_of
from scheduler.intake.book import write_problem_book
from scheduler.intake.bulk import Spill
from scheduler.intake.delta import changes, compared_problems, delta_page, known_reasons
from scheduler.intake.expected import reject_limit, reject_problems
from scheduler.intake.frames import registers_from_frames
from scheduler.intake.lateorders import read_orders
from scheduler.intake.reading import Examined, Intake, examine, read_campaign
from scheduler.intake.template import write_template

__all__ = [
    "Examined",
    "Intake",
    "Spill",
    "changes",
    "compared_problems",
    "delta_page",
    "examine",
    "known_reasons",
    "problem_of",
    "read_campaign",
    "read_orders",
    "registers_from_frames",
    "reject_limit",
    "reject_problems",
    "write_problem_book",
    "write_template",
]
