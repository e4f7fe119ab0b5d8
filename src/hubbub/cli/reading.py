"""What pages and API of a home read from."""

from functools import partial

from hubbub.cli.home import Home
from hubbub.release.audit.records import last_audit
from hubbub.release.budget import priced
from hubbub.release.describe import describe
from hubbub.release.site_plan import plan_of
from hubbub.release.table_plan import plan_of_table
from hubbub.serve.reading import ReadSide


def read_side(home: Home) -> ReadSide:
    """The read side of a home: marts, ledger, clock, the plans of its sites and tables in words, and the last audit."""
    settings = home.settings
    asked = {site.name: plan_of(site, settings) for site in settings.sites}
    asked |= {table.name: plan_of_table(table) for table in settings.tables}
    plans = {name: describe(priced(plan, settings.budget)) for name, plan in asked.items()}
    audit = partial(last_audit, home.folder)
    return ReadSide(settings, home.marts, home.ledger, home.clock, plans[settings.sources[0].name], plans, audit)
