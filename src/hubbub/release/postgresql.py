"""The state database on PostgreSQL: opened so that what is committed is on disk, what is lost is noticed soon, and no
error quotes a value.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine import ExceptionContext, make_url

from hubbub.core.errors import InputError

SCHEME = "postgresql"
INSTALL = "pip install 'hubbub[postgresql]'"
# A machine that vanished holds its claim and its locks until the server notices: within half a minute.
SERVER = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=30000"
CLIENT = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}


def open_shared_state(url: str) -> Engine:
    """The state database that a URL names: `postgresql://user@host:port/name`; passwords as libpq finds them
    (PGPASSFILE, PGPASSWORD, ~/.pgpass).

    Connections that were lost are replaced when they are used again. To be reached directly: session locks do not
    survive a pool of transactions in between. Raises InputError when the URL is none or the driver is missing.
    """
    try:
        place = make_url(url)
    except sa.exc.ArgumentError:
        raise InputError("state", "this is not the URL of a database", f"Write {SCHEME}://user@host/name.") from None
    if place.get_backend_name() != SCHEME:
        raise InputError("state", "this is another kind of database", f"Write {SCHEME}://user@host/name.")
    try:
        engine = sa.create_engine(
            place.set(drivername=f"{SCHEME}+psycopg"),
            pool_pre_ping=True,
            hide_parameters=True,
            isolation_level="READ COMMITTED",
            connect_args={"application_name": "hubbub", "options": SERVER, **CLIENT} | dict(place.query),
        )
    except ModuleNotFoundError:
        raise InputError("state", "the driver for PostgreSQL is not installed", f"Run `{INSTALL}`.") from None

    def prepare(connection: Any, _: object) -> None:
        """What is committed is on disk, even if the server's default is to be faster than that."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            if cursor.fetchone() == ("off",):
                cursor.execute("SET synchronous_commit = on")
        connection.commit()

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "handle_error", _redact)
    return engine


def _redact(context: ExceptionContext) -> None:
    """Take the server's words out of an error: they quote keys and whole rows."""
    origin = context.original_exception
    told = f"{type(origin).__name__}, SQLSTATE {getattr(origin, 'sqlstate', None) or 'unknown'}"
    origin.args = (told,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (told,)
