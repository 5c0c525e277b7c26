"""Addresses of databases, as SQLAlchemy writes them: what may stand in one, and what of it may be told.

In: an address. Out: its driver, its parts. May import: sqlalchemy.

A password is part of the address in memory and of nothing else: every text made here names host and database.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import exc
from sqlalchemy.engine import URL, make_url

PATIENCE_S = 15
"""Seconds in which a server has to answer the first call."""

DRIVERS: Mapping[str, str] = {
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}
"""What may stand before ``://``, and what is used for it."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def safe_name(url: str) -> str:
    """Driver, host, port and database of a URL, without user, password and options; what cannot be taken
    apart is not shown at all."""
    try:
        parsed = _parsed(url)
    except ValueError:
        return "SQL"
    host = parsed.host or ""
    if parsed.port:
        host = f"{host}:{parsed.port}"
    database = Path(parsed.database).name if parsed.database and not host else parsed.database or ""
    return f"{parsed.drivername}://{host}/{database}"


def file_of(url: str) -> str:
    """The file of an SQLite address, empty for any other address."""
    try:
        parsed = _parsed(url)
    except ValueError:
        return ""
    return parsed.database or "" if parsed.get_backend_name() == "sqlite" else ""


def driver_name(text: str) -> str:
    """What stands before ``://``. Errors: ``ValueError`` where the text is no address."""
    return _parsed(_VARIABLE.sub("x", text)).drivername


def _parsed(text: str) -> URL:
    """The address in its parts. A password with a bare ``@`` is none: its end would pass for the host, and be
    shown. Errors: ``ValueError``."""
    try:
        url = make_url(text)
    except exc.ArgumentError as error:
        raise ValueError(*error.args) from None
    if "@" in (url.host or ""):
        raise ValueError(url.drivername)
    return url


def variables_lacking(text: str) -> list[str]:
    """The variables ``${NAME}`` that the address names and the environment lacks."""
    return [name for name in _VARIABLE.findall(text) if name not in os.environ]


def with_variables(text: str) -> URL:
    """The address with its variables' values: each stands for itself, whatever ``@`` or ``/`` it holds."""
    url = make_url(text)

    def value(part: str | None) -> str | None:
        return part and _VARIABLE.sub(lambda found: os.environ[found[1]], part)

    return url.set(
        username=value(url.username),
        password=value(None if url.password is None else str(url.password)),
        host=value(url.host),
        database=value(url.database),
    )
