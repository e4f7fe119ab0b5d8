"""What to know of a list, in the sentences under it."""

from hubbub.core.keys import Dimension
from hubbub.core.settings import Site
from hubbub.serve.pages.toplists import TopList
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

REMARKS = {
    "page": _(
        "Listed are pages that are known publicly, and others only on days when many visitors saw them: the rest is "
        "more than the budget of a day can show."
    ),
    "topic": _(
        "A visitor counts in a few topics a day, three unless the plan says otherwise, so topics do not add up to the "
        "site."
    ),
    "term": _(
        "Listed are terms that are known publicly, and others only on days when many searched for them and once an "
        "editor has read them."
    ),
    "goal": _("Under each the share of the visitors of the same days. A device counts once a goal and day."),
    "amount_event": _("Sums over devices and days, each device’s cut at the most that is set for the event."),
}


def remarks_on(read_side: ReadSide, spec: TopList, site: Site, texts: Texts) -> tuple[str, ...]:
    """The sentences under a list of a site; () where it explains itself."""
    found = [texts.translate(REMARKS[spec.dimension])] if spec.dimension in REMARKS else []
    if spec.dimension == "page" and (waiting := read_side.ledger.waiting(site.name)):
        found.append(
            texts.many(
                "{count} new entry of the lists here waits for an editor to confirm it.",
                "{count} new entries of the lists here wait for an editor to confirm them.",
                waiting,
            )
        )
    if spec.dimension == "term" and (waiting := read_side.ledger.waiting(site.name, Dimension.TERM)):
        found.append(
            texts.many(
                "{count} term waits for an editor and is hidden until then.",
                "{count} terms wait for an editor and are hidden until then.",
                waiting,
            )
        )
    if spec.dimension == "amount_event":
        found += [
            texts.say(
                _("Of “{event}”, at most {most} a visitor and day."),
                event=event,
                most=f"{texts.count(amount.most)} {amount.currency}".rstrip(),
            )
            for event, amount in site.amounts.items()
        ]
    return tuple(found)
