"""`hubbub tick`: does what is due by the clock. The server runs it; by hand it does no harm."""

from hubbub.cli.closing import close_days
from hubbub.cli.home import Home
from hubbub.cli.new_pages import check_new_pages
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar
from hubbub.operate.schedule import Action, find_due
from hubbub.release.hours import release_hours

app = command_app()


@app.command(name="tick")
def tick(home: HomeOption = HERE) -> None:
    """Release hours, close ended days, destroy what is overdue."""
    here = Home.open(home)
    here.raw.compact()
    with progress_bar() as progress:
        for due in find_due(here.open_days(), here.settings, here.clock.now_ms()):
            if due.action is Action.GIVE_UP:
                here.closer().give_up(due.source, due.day)
            elif due.action is Action.FORGET:
                here.keys.destroy(due.source, due.day)
                here.raw.destroy_files(due.source, due.day)
            elif due.action is Action.CLOSE:
                here.keys.destroy_visitor(due.source, due.day)  # at its time, even if the close should fail
                close_days(here, due.source, [due.day], progress)
                check_new_pages(here, here.site(due.source))
            else:
                release_hours(here.closer(), due.source, due.day, here.clock.now_ms())
