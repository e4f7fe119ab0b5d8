"""Packages from npm that tests read or run: fetched once, kept beside the interpreter, never part of hubbub."""

import fcntl
import subprocess
import sys
import tarfile
from pathlib import Path

KEPT = Path(sys.prefix) / "npm"


def npm_package(name: str, version: str) -> Path:
    """The folder of an installed package, with what it needs beside it; scripts of packages are not run."""
    folder = KEPT / f"{name.replace('/', '-')}-{version}"
    package = folder / "node_modules" / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if not (folder / "complete").exists():
            command = ["npm", "install", "--prefix", str(folder), "--no-save", "--ignore-scripts", "--no-package-lock"]
            command += ["--no-audit", "--no-fund", "--loglevel=error", f"{name}@{version}"]
            subprocess.run(command, check=True, timeout=300, stdout=subprocess.DEVNULL)
            (folder / "complete").touch()
    return package


def npm_package_alone(name: str, version: str) -> Path:
    """The folder of a package without what it needs, for one of which only files are read."""
    folder = KEPT / f"{name.replace('/', '-')}-{version}-alone"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            command = ["npm", "pack", "--ignore-scripts", "--loglevel=error", f"{name}@{version}"]
            subprocess.run(command, check=True, timeout=300, stdout=subprocess.DEVNULL, cwd=folder)
            (archive,) = folder.glob("*.tgz")
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
            (folder / "complete").touch()
    return folder / "package"
