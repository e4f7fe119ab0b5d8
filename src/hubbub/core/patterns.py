"""Patterns of paths, as `hubbub.yaml` writes them: `*` stands for anything within one segment, `**` for anything.

`/permits/*/done` has one segment in the middle, whatever it is; `/transport/**` is everything below; `/blog*` is a
last segment that begins so.
"""

import re
from functools import lru_cache

STAR = "*"
_STARS = re.compile(r"\*\*?")


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression for `fullmatch`; its time is linear in the path for each star."""
    parts, at = [], 0
    for star in _STARS.finditer(pattern):
        parts += [re.escape(pattern[at : star.start()]), ".*" if star[0] == "**" else "[^/]*"]
        at = star.end()
    return re.compile("".join([*parts, re.escape(pattern[at:])]), re.DOTALL)


def matches(pattern: str, path: str) -> bool:
    """Whether a path, without its query, is meant by the pattern."""
    return matcher(pattern).fullmatch(path.partition("?")[0]) is not None


def fold(patterns: tuple[str, ...], path: str) -> str:
    """The path with `*` in place of every segment at which a pattern that its beginning fits has a star.

    `/case/*` folds `/case/17-b/letters` to `/case/*/letters`: what follows is kept, what names the case is not.
    """
    if not patterns:
        return path
    path, mark, query = path.partition("?")
    segments = path.split("/")
    for pattern in patterns:
        wanted = pattern.split("/")
        if len(wanted) <= len(segments) and all(
            matcher(want).fullmatch(segment) for want, segment in zip(wanted, segments, strict=False)
        ):
            segments = [
                STAR if place < len(wanted) and STAR in wanted[place] and segment else segment
                for place, segment in enumerate(segments)
            ]
    return "/".join(segments) + mark + query
