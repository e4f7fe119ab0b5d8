"""What pages and API of a home read from."""

from functools import partial

from msgspec.structs import replace

from hubbub.cli.config_targets import check_target
from hubbub.cli.home import Home
from hubbub.cli.plans_in_words import PlansInWords
from hubbub.cli.upgrading import upgrade
from hubbub.collect.refused_values import region_of, why_personal
from hubbub.operate.last_scan import LastScan
from hubbub.operate.notebook import Notebook, Rules
from hubbub.release.audit.records import last_audit
from hubbub.serve.reading import ReadSide


def read_side(home: Home) -> ReadSide:
    """The read side of a home: marts, ledger, clock, the plans of its sites and tables in words, the last audit, the
    last scan, the operators and what they have written.
    """
    settings, plans = home.settings, PlansInWords(home.settings, home.ledger)
    audit = partial(last_audit, home.folder)
    plan, scan = plans[settings.sources[0].name], LastScan(home.folder)
    found = ReadSide(settings, home.marts, home.ledger, home.clock, plan, plans, audit, scan, home.operators)
    return replace(found, notebook=notebook_of(home))


def notebook_of(home: Home) -> Notebook:
    """What analysts have written in the pages, and what they may write: what hubbub.yaml may say, and no one's."""
    upgrade(home.database)
    settings, region = home.settings, region_of(home.settings.timezone)
    rules = Rules(
        lambda text: why_personal(text, region),
        lambda target: check_target("target", target, settings),
        frozenset(target.name for target in settings.targets),
    )
    return Notebook(home.database, home.clock, rules)
