"""Files, workbooks and DataFrames to the registers of the domain; every rejected row is reported.

In: ``campaign.toml`` and the tables it names, or DataFrames. Out: :class:`Intake`. May import: the standard
library, python-calamine, chinesecalendar, pandas for types, :mod:`scheduler.domain`.
"""

from scheduler.intake.assemble import problem_of
from scheduler.intake.frames import registers_from_frames
from scheduler.intake.reading import Intake, read_campaign

__all__ = ["Intake", "problem_of", "read_campaign", "registers_from_frames"]
