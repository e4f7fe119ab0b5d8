"""Builds the demo's home: writes the simulated days, and closes them through the real release door."""

import os
import shutil
from datetime import date
from pathlib import Path

from hubbub.cli.clock import SystemClock
from hubbub.cli.config import FILE
from hubbub.cli.demo.requests import NAME as REQUESTS
from hubbub.cli.demo.requests import simulate_requests
from hubbub.cli.demo.settings import HEADER, demo_yaml
from hubbub.cli.demo.simulate import simulate_history, simulate_today
from hubbub.cli.demo.story import Story
from hubbub.cli.home import Home
from hubbub.cli.progress import Bar
from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.errors import Refused
from hubbub.release.hours import release_hours


def new_home(folder: Path) -> Home:
    """An empty home for the demo; an earlier demo in the folder is removed. Raises Refused for anything else."""
    settings_file = folder / FILE
    if settings_file.exists() and settings_file.read_text("utf-8").startswith(HEADER):
        shutil.rmtree(folder)
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} holds something else than a demo; name another --folder")
    folder.mkdir(parents=True, exist_ok=True)
    settings_file.write_text(demo_yaml(), "utf-8")
    os.chmod(folder, 0o700)
    return Home.open(folder, SystemClock())


def build_history(home: Home, story: Story, today: date, days: int, progress: Bar) -> int:
    """Write and close the `days` days before today; returns how many rows they had."""
    rows = 0
    written: dict[str, list[date]] = {}
    total = days * len(home.settings.sites)
    for done, simulated in enumerate(simulate_history(story, today, days), 1):
        home.raw.write(simulated.source, simulated.day, simulated.rows, {}, origin="simulated")
        written.setdefault(simulated.source, []).append(simulated.day)
        rows += simulated.rows.num_rows
        progress("simulating visits", done, total)
    for done, (day, table) in enumerate(simulate_requests(today, days), 1):
        home.raw.write(REQUESTS, day, table, {}, origin="simulated")
        written.setdefault(REQUESTS, []).append(day)
        rows += table.num_rows
        progress("simulating requests", done, days)
    closer = home.closer()
    for source, its in written.items():
        closer.close(source, its, progress=progress)
    return rows


def build_today(home: Home, story: Story, now_ms: int, progress: Bar) -> None:
    """Write today's visits so far and release its hours one after the other, as a running server would have."""
    closer = home.closer()
    hours = list(simulate_today(story, now_ms))
    for done, simulated in enumerate(hours, 1):
        home.raw.write(simulated.source, simulated.day, simulated.rows, {}, origin="simulated")
        start_ms = bounds(simulated.day, home.settings.zone_of(simulated.source)).start_ms
        over_ms = start_ms + (simulated.hour + 1) * HOUR_MS
        if over_ms <= now_ms:
            release_hours(closer, simulated.source, simulated.day, over_ms)
        progress("releasing today's hours", done, len(hours))
