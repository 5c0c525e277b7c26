"""Campaigns and roster problems to run against: invented by a seed, or made from public data.

In: a size and a seed, or a folder with public files. Out: the files a platform would export, or an
:class:`~scheduler.domain.problem.AssignmentProblem`. May import: the domain, and intake's table of headings.
"""

from instances.cache import cached_campaign
from instances.campaign import write_campaign
from instances.damage import write_damaged
from instances.roster import roster
from instances.roster_sizes import ROSTERS
from instances.sizes import SIZES
from instances.wake import write_wake

__all__ = ["ROSTERS", "SIZES", "cached_campaign", "roster", "write_campaign", "write_damaged", "write_wake"]
