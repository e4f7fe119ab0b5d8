"""What the settings ask to be counted of a site besides what is counted of every site, in plain words."""

from collections.abc import Mapping

from msgspec import Struct

from hubbub.core.settings import Settings, Site
from hubbub.serve.names import condition_label
from hubbub.serve.texts import Texts, _


class AskedLine(Struct, frozen=True):
    """A kind of thing that is asked, what it means, and each of it by name."""

    title: str
    says: str
    items: tuple[tuple[str, str], ...] = ()


def tell_asked(site: Site, settings: Settings, texts: Texts) -> tuple[AskedLine, ...]:
    """Everything that is asked of one site; () where nothing is."""
    lines = (
        _topics(site, settings, texts),
        _goals(site, texts),
        _funnels(site, texts),
        _searches(site, texts),
        _amounts(site, texts),
        _returning(site, texts),
    )
    return tuple(line for line in lines if line is not None)


def topics_of(site: Site, topics: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """The topics that pages of the site can have, each with its patterns of the site's paths."""
    hosts = {name.removeprefix("www.") for name in (site.name, *site.own_hosts)}
    found: dict[str, list[str]] = {}
    for name, patterns in topics.items():
        for pattern in patterns:
            host, slash, path = pattern.partition("/")
            if not host or host.removeprefix("www.") in hosts:
                found.setdefault(name, []).append(slash + path)
    return found


def _topics(site: Site, settings: Settings, texts: Texts) -> AskedLine | None:
    items = tuple((name, ", ".join(paths)) for name, paths in topics_of(site, settings.topics).items())
    if not items:
        return None
    says = _("Which of the city’s topics the pages are about that a visitor views, by their addresses.")
    return AskedLine(texts.say(_("Topics")), texts.translate(says), items)


def _goals(site: Site, texts: Texts) -> AskedLine | None:
    if not site.goals:
        return None
    says = _("How many devices viewed a page or did something that the city wants to succeed.")
    items = tuple((name, condition_label(condition, texts)) for name, condition in site.goals.items())
    return AskedLine(texts.say(_("Goals")), texts.translate(says), items)


def _funnels(site: Site, texts: Texts) -> AskedLine | None:
    if not site.funnels:
        return None
    says = _("How far visitors came in these steps, in this order and within one visit. Only the last one is kept.")
    items = tuple(
        (name, " → ".join(condition_label(step, texts) for step in steps)) for name, steps in site.funnels.items()
    )
    return AskedLine(texts.say(_("Funnels")), texts.translate(says), items)


def _searches(site: Site, texts: Texts) -> AskedLine | None:
    if not site.search_query and not site.search_terms:
        return None
    says = _(
        "What is searched for on the site’s own search page. A term that is not on the public list is released only "
        "when many devices searched for it, and shown only once an editor has read it; what looks like an address, a "
        "number or a document of a person is never counted."
    )
    items = ((texts.say(_("Public list")), ", ".join(site.search_terms)),) if site.search_terms else ()
    return AskedLine(texts.say(_("Searches")), texts.translate(says), items)


def _amounts(site: Site, texts: Texts) -> AskedLine | None:
    if not site.amounts:
        return None
    says = _(
        "The sum of what is paid or counted with an event. What one device adds on a day is cut at what is named here."
    )
    items = tuple(
        (
            event,
            texts.say(
                _("at most {most} a device and day"), most=f"{texts.count(amount.most)} {amount.currency}".rstrip()
            ),
        )
        for event, amount in site.amounts.items()
    )
    return AskedLine(texts.say(_("Amounts")), texts.translate(says), items)


def _returning(site: Site, texts: Texts) -> AskedLine | None:
    if not site.returning:
        return None
    says = _(
        "How long ago a visitor was here last, in five steps, only of visitors who agreed to it in the site’s own "
        "banner. Their browser keeps the number of the day, we do not; withdrawing the consent deletes it there."
    )
    return AskedLine(texts.say(_("Who comes back")), texts.translate(says))
