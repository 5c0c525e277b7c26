"""Centres and the cosine of latitude, in integers; docs/draw-spec.md §11.

In: enterprises with coordinates in micro-degrees. Out: medians, cosine in millionths.
May import: the domain, the standard library.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import floor

from scheduler.domain.plan import Centre
from scheduler.domain.registers import Enterprise

PPM = 1_000_000
PI = Fraction(314159265358979323846264338327950288419716939937510, 10**50)
"""π to 50 decimals (OEIS A000796); the last counted digit of the cosine is the sixth."""

_NEGLIGIBLE = Fraction(1, 10**20)


def centres_of(enterprises: Iterable[Enterprise]) -> tuple[Centre, ...]:
    """Median coordinates per district, and for the campaign (district ""), sorted by district.

    Empty where no enterprise has coordinates.
    """
    points: dict[str, list[tuple[int, int]]] = {}
    for one in enterprises:
        if one.lon_udeg is not None and one.lat_udeg is not None:
            points.setdefault(one.district, []).append((one.lon_udeg, one.lat_udeg))
    if not points:
        return ()
    everywhere = [point for found in points.values() for point in found]
    named = {district: found for district, found in points.items() if district}
    return tuple(_centre(district, found) for district, found in sorted({"": everywhere, **named}.items()))


def cosine_ppm(centres: Sequence[Centre]) -> int:
    """Cosine of the campaign's median latitude in millionths, half up; 1,000,000 without coordinates."""
    campaign = next((centre for centre in centres if not centre.district), None)
    if campaign is None:
        return PPM
    return floor(PPM * _cosine(PI * campaign.lat_udeg / (180 * PPM)) + Fraction(1, 2))


def _centre(district: str, points: list[tuple[int, int]]) -> Centre:
    middle = (len(points) - 1) // 2
    return Centre(
        district=district,
        lon_udeg=sorted(lon for lon, _ in points)[middle],
        lat_udeg=sorted(lat for _, lat in points)[middle],
    )


def _cosine(angle: Fraction) -> Fraction:
    """Taylor's series; its terms alternate and shrink, so the first one dropped bounds the error."""
    total, term, order = Fraction(0), Fraction(1), 0
    while abs(term) > _NEGLIGIBLE:
        total += term
        order += 2
        term *= -angle * angle / (order * (order - 1))
    return total
