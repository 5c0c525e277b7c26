"""Plan, schedule and certificate of one campaign and one attempt, or a refusal.

In: the three. Out: nothing. May import: :mod:`scheduler.domain`.
"""

from scheduler.domain.errors import InputError, Value, refuse
from scheduler.domain.plan import Plan
from scheduler.domain.schedule import Certificate, Schedule


def refuse_mixture(plan: Plan, schedule: Schedule, certificate: Certificate) -> None:
    """Errors: ``export.mismatch`` where the certificate is of another campaign or attempt."""
    pairs: tuple[tuple[Value, Value], ...] = (
        (plan.settings.campaign_id, certificate.campaign_id),
        (schedule.report.attempt, certificate.attempt),
    )
    for ours, theirs in pairs:
        if ours != theirs:
            raise refuse(InputError, "export.mismatch", ours=ours, theirs=theirs)
