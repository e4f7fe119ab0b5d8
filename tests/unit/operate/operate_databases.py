"""A state database of each kind, with this room's tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hubbub.operate.state import metadata
from hubbub.release.postgresql import open_shared_state
from hubbub.release.state import open_state


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_state(tmp_path / "state.db")
    else:
        engine = open_shared_state(request.getfixturevalue("server").new_database())
    metadata.create_all(engine)
    yield engine
    engine.dispose()
