"""Processes of their own for work that is killed in the middle.

They are forked from one that has loaded hubbub and opened nothing: as good as new, without the second of loading.
"""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

PATIENCE_S = 120.0
forks = get_context("forkserver")
forks.set_forkserver_preload(["pytest", "pyarrow", "hubbub.cli.home", "hubbub.store.journal"])


def begin(work: Callable[..., object], *given: object) -> BaseProcess:
    """A process that does this and nothing else. `work` is a function of a module, which the process imports."""
    process = forks.Process(target=work, args=given)
    process.start()
    return process


def exit_code_of(process: BaseProcess) -> int | None:
    """What became of it: of one that was killed minus the signal's number."""
    process.join(PATIENCE_S)
    code = process.exitcode
    process.kill()
    process.join()
    process.close()
    return code
