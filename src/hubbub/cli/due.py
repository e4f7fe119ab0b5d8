"""Does what the schedule says is due, one thing after the other; a source that fails does not stop the others.

Secrets whose time is over go first, before anything that can fail.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from hubbub.cli.closing import close_days, forget_closed_logs
from hubbub.cli.home import Home
from hubbub.cli.new_pages import check_new_pages
from hubbub.cli.page_lists import refresh_pages
from hubbub.core.days import day_of
from hubbub.core.errors import DayClosed, HubbubError
from hubbub.operate.schedule import Action, Due, OpenDay, find_due
from hubbub.release.close import Progress
from hubbub.release.hours import release_hours

LIVE_DAYS = 7


def run_due(home: Home, progress: Progress) -> list[Due]:
    """Do everything that is due now; what was done. Raises the first error once all else is done."""
    overdue = destroy_overdue(home)
    done: list[Due] = []
    faults: list[Exception] = []

    def attempt(step: Callable[[], object], *its: Due) -> None:
        try:
            step()
            done.extend(its)
        except (HubbubError, OSError, SQLAlchemyError) as fault:
            faults.append(fault)

    attempt(partial(begin_days, home))
    for site in home.settings.sites:
        attempt(partial(refresh_pages, home, site))
    attempt(home.raw.compact)
    due = [*overdue, *find_due(home.open_days(), home.settings, home.clock.now_ms())]
    for each in due:
        if each.action is Action.CLOSE:
            attempt(
                partial(home.keys.destroy_visitor, each.source, each.day)
            )  # at its time, even if a close should fail
    for each in due:
        attempt(partial(_run, home, each, progress), each)
    for source in sorted({each.source for each in due if each.action in (Action.GIVE_UP, Action.CLOSE)}):
        attempt(partial(forget_closed_logs, home, source))
    if faults:
        raise faults[0]
    return done


def destroy_overdue(home: Home, by_ms: int = 0) -> list[Due]:
    """Destroy the keys of days that were kept too long by more than `by_ms`; these days. Looks at no row: damaged ones
    must not save it.
    """
    home.keys.finish_ends()
    open_days = [OpenDay(source, day, created_ms, True) for source, day, created_ms in home.keys.open_days()]
    due = find_due(open_days, home.settings, home.clock.now_ms() - by_ms)
    overdue = [each for each in due if each.action is Action.GIVE_UP]
    for each in overdue:
        home.keys.destroy(each.source, each.day)
    return overdue


def give_up_overdue(home: Home) -> list[Due]:
    """Destroy days that were kept too long and note in the ledger what is missing of them; for commands run by hand,
    which may be all that runs where no server does.
    """
    overdue = destroy_overdue(home)
    for each in overdue:
        home.closer().give_up(each.source, each.day)
    return overdue


def begin_days(home: Home) -> None:
    """Begin the running day of every site that is collected live, whether it has a visitor yet or not.

    Otherwise the ledger would tell when the first one came: by the hours that were too late to be released, and by
    whether there is such a day at all. A site is collected live when hours of its last days were released one by one,
    which everyone may know.
    """
    for site in home.settings.sites:
        today = day_of(home.clock.now_ms(), home.settings.zone_of(site.name))
        last_days = [today - timedelta(back) for back in range(1, LIVE_DAYS + 1)]
        standing = home.ledger.standing(site.name, last_days)
        if any(found.debit and found.debit.slots for found in standing.values()):
            with suppress(DayClosed):
                home.keys.data_key(site.name, today)


def _run(home: Home, due: Due, progress: Progress) -> None:
    source, day = due.source, due.day
    if due.action is Action.GIVE_UP:
        home.closer().give_up(source, day)
    elif due.action is Action.FORGET:
        home.keys.destroy(source, day)
        home.raw.destroy_files(source, day)
    elif due.action is Action.CLOSE:
        close_days(home, source, [day], progress)
        site = home.settings.site(source)
        if site is not None:
            check_new_pages(home, site)
    else:
        release_hours(home.closer(), source, day, home.clock.now_ms())
