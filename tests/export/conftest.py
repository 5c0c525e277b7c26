"""Real database servers, each once a session."""

from servers import mariadb, postgresql

__all__ = ["mariadb", "postgresql"]
