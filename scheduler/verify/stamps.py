"""Time stamps (RFC 3161): what one proves, checked without a network.

In: the bytes of a time stamp response, the bytes it is said to be over, the roots that the checker trusts.
Out: the time before which those bytes existed. May import: :mod:`scheduler.domain`, the standard library,
and cryptography and rfc3161-client where they are installed.
"""

# ruff: noqa: PLC0415 - the packages of an extra are imported where a proof of that kind is looked at

import datetime as dt
import hashlib
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from scheduler.domain.errors import InputError, OneDoorError, UsageError, refuse
from scheduler.domain.hashes import hasher

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

HASHES: dict[str, Callable[[bytes], Any]] = {
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
    "1.2.156.10197.1.401": hasher("sm3"),
}
"""Digests that a stamp may name, by object identifier (RFC 5754, section 2; SM3: GM/T 0006-2012)."""
GRANTED = 0
"""PKIStatus of a stamp given as asked for (RFC 3161, section 2.4.2)."""
LONGEST_CHAIN = 10


def read_roots(data: bytes, file: str) -> tuple["Certificate", ...]:
    """The certificates of a PEM file. Errors: ``anchor.roots_bad`` (:class:`InputError`),
    ``anchor.extra_missing`` (:class:`UsageError`)."""
    try:
        from cryptography import x509
    except ImportError as error:
        raise refuse(UsageError, "anchor.extra_missing", package="cryptography") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an authority's old certificate may break a newer rule of form
        try:
            roots = x509.load_pem_x509_certificates(data)
        except (ValueError, x509.InvalidVersion) as error:
            raise refuse(InputError, "anchor.roots_bad", {"file": file}) from error
    return tuple(dict.fromkeys(roots))


def stamped_before(response: bytes, message: bytes, roots: Iterable["Certificate"], file: str) -> dt.datetime:
    """The latest moment at which the stamp can have been given: its time plus its stated accuracy.

    The certificates have to be valid at the stamp's time, not today. Errors (:class:`InputError`):
    ``anchor.stamp_bad``, ``anchor.stamp_refused``, ``anchor.stamp_hash``, ``anchor.stamp_other``,
    ``anchor.stamp_bare``, ``anchor.root_expired``, ``anchor.root_unknown``; ``anchor.extra_missing``
    (:class:`UsageError`).
    """
    try:
        import rfc3161_client
        from cryptography.x509 import InvalidVersion
    except ImportError as error:
        raise refuse(UsageError, "anchor.extra_missing", package="rfc3161-client") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _checked(rfc3161_client, response, message, tuple(roots), file)
        except (ValueError, TypeError, OverflowError, InvalidVersion) as error:
            raise refuse(InputError, "anchor.stamp_bad", {"file": file}) from error


def _checked(
    library: Any, data: bytes, message: bytes, roots: tuple["Certificate", ...], file: str
) -> dt.datetime:
    response = library.decode_timestamp_response(data)
    if response.status != GRANTED:
        raise refuse(InputError, "anchor.stamp_refused", {"file": file}, status=int(response.status))
    info = response.tst_info
    digest = HASHES.get(info.message_imprint.hash_algorithm.dotted_string)
    if digest is None:
        raise refuse(InputError, "anchor.stamp_hash", {"file": file})
    if info.message_imprint.message != digest(message).digest():
        raise refuse(InputError, "anchor.stamp_other", {"file": file})
    embedded = _embedded(response)
    if not embedded:
        raise refuse(InputError, "anchor.stamp_bare", {"file": file})
    try:
        library.VerifierBuilder(roots=list(roots)).build().verify(response, digest(message).digest())
    except library.VerificationError as error:
        raise _untrusted(embedded, roots, info.gen_time, file) from error
    return _latest(info)


def _embedded(response: Any) -> tuple["Certificate", ...]:
    from cryptography import x509

    return tuple(x509.load_der_x509_certificate(der) for der in sorted(response.signed_data.certificates))


def _untrusted(
    embedded: tuple["Certificate", ...], roots: tuple["Certificate", ...], time: dt.datetime, file: str
) -> OneDoorError:
    """Which of the two it is: a chain that leads to no root given, or one that was not valid then."""
    by_name = {cert.subject: cert for cert in (*embedded, *roots)}
    for start in embedded:
        cert: Certificate | None = start
        steps = 0
        while cert is not None and steps < LONGEST_CHAIN:
            if not cert.not_valid_before_utc <= time <= cert.not_valid_after_utc:
                return refuse(
                    InputError, "anchor.root_expired", {"file": file}, name=cert.subject.rfc4514_string()
                )
            cert, steps = by_name.get(cert.issuer), steps + 1
    return refuse(InputError, "anchor.root_unknown", {"file": file})


def _latest(info: Any) -> dt.datetime:
    accuracy = info.accuracy
    spread = dt.timedelta()
    if accuracy is not None:
        spread = dt.timedelta(
            seconds=accuracy.seconds or 0,
            milliseconds=accuracy.millis or 0,
            microseconds=accuracy.micros or 0,
        )
    time: dt.datetime = info.gen_time
    return time + spread
