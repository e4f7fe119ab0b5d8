"""Does what the schedule says is due, one thing after the other; a source that fails does not stop the others."""

from hubbub.cli.closing import close_days
from hubbub.cli.home import Home
from hubbub.cli.new_pages import check_new_pages
from hubbub.core.errors import HubbubError
from hubbub.operate.schedule import Action, Due, find_due
from hubbub.release.close import Progress
from hubbub.release.hours import release_hours


def run_due(home: Home, progress: Progress) -> list[Due]:
    """Do everything that is due now; what was done. Raises the first error once all else is done."""
    home.raw.compact()
    done, faults = [], []
    for due in find_due(home.open_days(), home.settings, home.clock.now_ms()):
        try:
            _run(home, due, progress)
            done.append(due)
        except HubbubError as fault:
            faults.append(fault)
    if faults:
        raise faults[0]
    return done


def _run(home: Home, due: Due, progress: Progress) -> None:
    source, day = due.source, due.day
    if due.action is Action.GIVE_UP:
        home.closer().give_up(source, day)
    elif due.action is Action.FORGET:
        home.keys.destroy(source, day)
        home.raw.destroy_files(source, day)
    elif due.action is Action.CLOSE:
        home.keys.destroy_visitor(source, day)  # at its time, even if the close should fail
        close_days(home, source, [day], progress)
        site = home.settings.site(source)
        if site is not None:
            check_new_pages(home, site)
    else:
        release_hours(home.closer(), source, day, home.clock.now_ms())
