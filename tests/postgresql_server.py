"""A PostgreSQL server of the tests' own: Debian's programs, a temporary data folder, 127.0.0.1, stopped with the tests.

`fsync` is on, as where it counts; the server does not run as root.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

USER = "postgres"
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 16MB
max_wal_size = 64MB
fsync = on
"""


def programs() -> Path:
    """The folder of the newest PostgreSQL that Debian installed, whether there is one or not."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return found[-1] if found else Path("/usr/lib/postgresql/15/bin")


class Server:
    """A cluster in a folder of its own; it can be stopped, killed and started again."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hubbub-postgresql-"))
        self.data = self.folder / "data"
        self.port = _free_port()
        self._as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if os.getuid() == 0 else []
        if self._as_user:
            shutil.chown(self.folder, USER, USER)
        self._run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"{SETTINGS}port = {self.port}\n")
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers. It ends with this process, however that ends."""
        command = [
            "setpriv",
            "--pdeathsig=QUIT",
            *self._as_user[1:],
            str(programs() / "postgres"),
            "-D",
            str(self.data),
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT
            )
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL does not start: {self.log()}")
            time.sleep(0.05)

    def stop(self, mode: signal.Signals = signal.SIGINT) -> None:
        """End all connections and stop it; with SIGQUIT or SIGKILL it crashes."""
        self._process.send_signal(mode)
        self._process.wait()

    def _answers(self) -> bool:
        try:
            return self.execute("SELECT 1") == "1"
        except RuntimeError:
            return False

    def kill_connections(self, database: str) -> None:
        """End every connection to a database, as a network or a failover would."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")

    def execute(self, statement: str, database: str = USER) -> str:
        """What `psql` prints for a statement."""
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database]
        return self._run("psql", *address, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement)

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"hubbub_{uuid.uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "log").read_text(errors="replace")

    def end(self) -> None:
        """Stop it for good. Nobody waits until its files are gone: each database has three hundred."""
        if self._process.poll() is None:
            self.stop(signal.SIGQUIT)
        subprocess.run(["setsid", "--fork", "rm", "-rf", str(self.folder)], check=True)

    def pause(self, *, is_paused: bool) -> None:
        """Stop all of its processes where they are, or let them go on."""
        leader = self._process.pid
        found = subprocess.run(["pgrep", "-P", str(leader)], capture_output=True, text=True, check=False).stdout
        for process in [leader, *map(int, found.split())]:
            os.kill(process, signal.SIGSTOP if is_paused else signal.SIGCONT)

    def _run(self, program: str, *arguments: str | Path) -> str:
        command = [*self._as_user, str(programs() / program), *map(str, arguments)]
        with tempfile.TemporaryFile() as said:  # no pipe: the server would keep it open
            done = subprocess.run(command, check=False, cwd="/", stdout=said, stderr=said, env=ENVIRONMENT)
            said.seek(0)
            text = said.read().decode()
        if done.returncode:
            raise RuntimeError(f"{program} failed: {text}")
        return text.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
