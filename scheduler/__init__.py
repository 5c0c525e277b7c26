"""OneDoor's public API: one random draw, one visit per enterprise, one provably lawful roster.

The main platform imports this package. It knows no solver: whoever calls :mod:`scheduler.pipeline`
hands one in that honours :class:`scheduler.domain.ports.AssignmentSolver`.
"""

__version__ = "0.1.0"
