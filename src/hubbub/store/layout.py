"""Where everything stands under the raw folder."""

from pathlib import Path


class Layout:
    """The raw folder's parts: `journal/<worker>/`, `segments/<source>/<day>/`, `aside/`, `batches/<name>/`, locks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal"
        self.segments = folder / "segments"
        self.aside = folder / "aside"
        self.batches = folder / "batches"
        self.batches_lock = folder / "batches.lock"
        self.writers_lock = folder / "writers.lock"
        self.compact_lock = folder / "compact.lock"
