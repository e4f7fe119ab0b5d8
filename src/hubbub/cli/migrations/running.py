"""Takes the steps, with Alembic; apart, for Alembic takes .2 s to load and is hardly ever needed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_FOLDER = Path(__file__).parent


def steps() -> list[str]:
    """All steps, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def stamp(connection: Connection, step: str) -> None:
    """Note that the database stands at this step, which its tables are as of."""
    command.stamp(_config(connection), step)


def take(connection: Connection, until: str) -> None:
    """Take the steps up to this one."""
    command.upgrade(_config(connection), until)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config
