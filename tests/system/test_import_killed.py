"""Kill `hubbub import log` anywhere: it has imported everything, or nothing and can be run again."""

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from served_home import SITE, run_hubbub

DAYS = 20
VISITS = 8
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ROWS = DAYS * VISITS
KILLS = 3


def write_log(path: Path) -> None:
    first = date(2024, 6, 1)
    with path.open("w") as log:
        for number in range(DAYS):
            day = first + timedelta(days=number)
            for visit in range(VISITS):
                at = f"{day:%d/%b/%Y}:12:{visit:02}:00 +0000"
                log.write(f'203.0.113.{visit} - - [{at}] "GET / HTTP/1.1" 200 512 "-" "{FIREFOX}"\n')


def accepted(home: Path) -> int:
    count: int = json.loads(run_hubbub(home, "status", "--json").stdout)["accepted"]
    return count


def test_a_killed_import_has_stored_all_or_nothing(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    write_log(log)
    for life in range(KILLS):
        home = tmp_path / f"home{life}"
        run_hubbub(None, "init", str(home), "--site", SITE, "--timezone", "UTC")
        words = ["--home", str(home), "import", "log", str(log), "--site", SITE]
        child = subprocess.Popen([sys.executable, "-m", "hubbub.cli.main", *words], stderr=subprocess.DEVNULL)
        batches = home / "raw" / "batches"
        while child.poll() is None and not batches.is_dir():
            time.sleep(0.002)
        time.sleep(life * 0.06)
        child.kill()
        child.wait()
        stored = accepted(home)
        again = run_hubbub(home, *words[2:], check=False)
        if stored:
            assert stored in (ROWS, 2 * VISITS)  # but for its ends it may be closed by then
            assert again.returncode == 1
            assert "imported already" in again.stderr
        else:
            assert again.returncode == 0, again.stderr
            assert f"{ROWS:,} rows accepted" in again.stdout
