"""On what terms a solve runs: what no plan commits to, because it depends on the day and the machine.

In: nothing. Out: :class:`Terms`. May import: ``solvers.watch``.
"""

from dataclasses import dataclass, field

from solvers.watch import Stop


@dataclass(frozen=True, kw_only=True)
class Terms:
    """``stop`` may be asked at any time to end the solve; ``seconds`` of the clock end it (0: no limit).
    Either way the best lawful roster so far is the outcome, marked as not reproducible.

    A problem whose solve would take more than ``memory_mb`` megabytes by estimate is refused (0: what the
    machine has). With ``other_version`` the installed solver may be another than the committed one: the
    outcome names the one that was used.
    """

    stop: Stop = field(default_factory=Stop)
    seconds: float = 0
    memory_mb: int = 0
    other_version: bool = False
