"""What pages and API of a home read from."""

from functools import partial

from hubbub.cli.home import Home
from hubbub.cli.plans_in_words import PlansInWords
from hubbub.operate.last_scan import LastScan
from hubbub.release.audit.records import last_audit
from hubbub.serve.reading import ReadSide


def read_side(home: Home) -> ReadSide:
    """The read side of a home: marts, ledger, clock, the plans of its sites and tables in words, the last audit, the
    last scan, and the operators.
    """
    settings, plans = home.settings, PlansInWords(home.settings, home.ledger)
    audit = partial(last_audit, home.folder)
    plan, scan = plans[settings.sources[0].name], LastScan(home.folder)
    return ReadSide(settings, home.marts, home.ledger, home.clock, plan, plans, audit, scan, home.operators)
