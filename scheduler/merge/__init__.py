"""Drawn rows in; requirements, the fewest visits they fit into and the reason for each second door out.

May import: the domain, the standard library, networkx. Knows no seed, no solver and no file.
"""

from scheduler.merge.stage import merge

__all__ = ["merge"]
