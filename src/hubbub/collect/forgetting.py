"""Empties what this room remembers of addresses of pages, searched terms, referrers and user agents.

The caches make the collector fast. After a close nothing of the day shall be left in a worker's memory either.
"""

from hubbub.collect import agents, hosts, languages, pages, refused_values, tokens, traffic

CACHES = (
    agents.describe,
    hosts.is_same_site,
    hosts.is_spam,
    hosts.place_of,
    hosts.registrable_domain,
    languages.primary_language,
    pages.parse_page,
    *refused_values.CACHES,
    *tokens.CACHES,
    *traffic.CACHES,
)


def forget() -> None:
    """Empty all of them."""
    for cached in CACHES:
        cached.cache_clear()
