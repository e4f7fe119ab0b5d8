"""The log formats: what each is called, and which query reads it."""

from collections.abc import Mapping
from importlib.resources import files

from msgspec import Struct

PREFIX = (
    r"^(?:<\d{1,3}>)?(?:1 )?"
    r"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) "
    r"(?:[\w.:-]+ )?[\w./-]+(?:\[\d+\]: ?|: ?| \S+ \S+ (?:-|\[[^\]]*\]) ?)"
)
"""What syslog puts before a line: as RFC 3164 and RFC 5424 have it, with or without a priority."""


class Format(Struct, frozen=True):
    """One way in which servers write lines.

    name        what `--format` takes
    meaning     for whoever has to choose
    query       the `.sql` file that cuts lines into fields
    parameters  of that query, when they are the same for every line of a file
    has_fields_line  the places of the fields stand in `#Fields:` lines of the file
    has_prefix  each line stands behind what syslog puts before it
    """

    name: str
    meaning: str
    query: str
    parameters: Mapping[str, int] = {}
    has_fields_line: bool = False
    has_prefix: bool = False

    def sql(self) -> str:
        """The query over `block` whose columns are those that `screen.sql` reads."""
        return read_sql(self.query)


COMBINED = Format("combined", "Apache's combined and nginx' default log", "clf.sql", {"leading": 0})
COMMON = Format("common", "Apache's common log, without referrer and user agent", "clf.sql", {"leading": 0})
VHOST = Format("vhost", "either of these behind the name of a virtual host", "clf.sql", {"leading": 1})
W3C = Format("w3c", "W3C extended with a #Fields line, as IIS and CloudFront write it", "w3c.sql", has_fields_line=True)
JSON = Format("json", "one JSON object a line, as of Caddy and nginx", "json.sql")
ALB = Format("alb", "Amazon's Application Load Balancer", "alb.sql")
HAPROXY = Format("haproxy", "HAProxy's HTTP log with captured headers", "haproxy.sql")

FORMATS: Mapping[str, Format] = {
    "combined": COMBINED,
    "nginx": COMBINED,
    "common": COMMON,
    "vhost": VHOST,
    "w3c": W3C,
    "iis": W3C,
    "cloudfront": W3C,
    "json": JSON,
    "caddy": JSON,
    "nginx-json": JSON,
    "alb": ALB,
    "haproxy": HAPROXY,
}
AUTO = "auto"


def read_sql(name: str) -> str:
    """A query of this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
