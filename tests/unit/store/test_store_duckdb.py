"""The engine keeps to memory: spills go to a private tmpfs folder or nowhere, errors quote no value."""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from hubbub.core.errors import StoreError
from hubbub.store.engines.duckdb import SHARED_MEMORY, DuckDB, engine_of, is_in_memory, spill_folder

SORT = """
SELECT max(x)
FROM (SELECT x, row_number() OVER (ORDER BY hash(x)) AS n FROM range(3_000_000) AS t(x))
WHERE n > 5
"""


def test_a_folder_on_a_disk_is_no_place_to_spill(tmp_path: Path) -> None:
    if is_in_memory(tmp_path):
        pytest.skip("the temporary folder of this machine is in memory")
    assert spill_folder("spill", tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not is_in_memory(SHARED_MEMORY), reason="no tmpfs here")
def test_the_spill_folder_is_private_and_wiped_before_and_after(tmp_path: Path) -> None:
    name = f"hubbub-test-{os.getpid()}"
    folder = spill_folder(name)
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "left behind").write_text("by a killed run")
    (folder / "sub").mkdir()
    folder.chmod(0o755)
    assert spill_folder(name) == folder
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700
    DuckDB(spill=folder).close()
    assert not folder.exists()
    (SHARED_MEMORY / name).symlink_to(tmp_path)
    try:
        with pytest.raises(StoreError, match="someone else"):
            spill_folder(name)
    finally:
        (SHARED_MEMORY / name).unlink()


@pytest.mark.skipif(not is_in_memory(SHARED_MEMORY), reason="no tmpfs here")
def test_what_does_not_fit_spills_to_memory_or_fails(tmp_path: Path) -> None:
    with DuckDB(40 << 20, 1) as engine, pytest.raises(StoreError, match="ran out of memory"):
        engine.fetch(SORT)
    folder = spill_folder(f"hubbub-test-{os.getpid()}")
    with DuckDB(40 << 20, 1, folder) as engine:
        assert engine.fetch(SORT).num_rows == 1
    assert engine_of(tmp_path) is not engine_of(tmp_path)


def test_errors_quote_no_value_and_files_cannot_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with DuckDB() as engine:
        engine.register("t", pa.table({"x": ["a visitor's secret"]}))
        with pytest.raises(StoreError) as caught:
            engine.fetch("SELECT x::INTEGER FROM t")
        assert "visitor" not in str(caught.value)
        with pytest.raises(StoreError):
            engine.fetch(f"SELECT * FROM '{secret}'")
        with pytest.raises(StoreError):
            engine.execute(f"COPY t TO '{tmp_path / 'out.csv'}'")
    assert not (tmp_path / "out.csv").exists()
