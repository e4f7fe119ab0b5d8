"""What pages and API of a home read from."""

from functools import partial

from hubbub.cli.home import Home
from hubbub.release.audit.records import last_audit
from hubbub.release.budget import priced
from hubbub.release.describe import describe
from hubbub.release.site_plan import plan_of
from hubbub.serve.reading import ReadSide


def read_side(home: Home) -> ReadSide:
    """The read side of a home: marts, ledger, clock, the plans of its sites in words, and the last audit."""
    settings = home.settings
    plans = {site.name: describe(priced(plan_of(site, settings), settings.budget)) for site in settings.sites}
    audit = partial(last_audit, home.folder)
    return ReadSide(settings, home.marts, home.ledger, home.clock, plans[settings.sites[0].name], plans, audit)
