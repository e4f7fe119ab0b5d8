"""Texts of 64 kB that are meant to be hard for parsers, each of another kind of trouble."""

import base64
import json
import random
from collections.abc import Iterator

from parsers_attacked import SITE, SIZE


def attacks() -> Iterator[tuple[str, str]]:
    """Names and texts of 64 kB, each of another kind of trouble."""
    for name, unit in _REPEATED.items():
        yield f"{name} ×", (unit * (SIZE // len(unit.encode("utf-8", "surrogatepass")) + 1))[:SIZE]
    for name, (start, unit, end) in _FRAMED.items():
        times = (SIZE - len(start) - len(end)) // len(unit)
        yield f"{name} …", start + unit * times + end
    draw = random.Random(11)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    yield "random letters", "".join(draw.choices(letters, k=SIZE))
    yield "random ASCII", "".join(map(chr, draw.choices(range(32, 127), k=SIZE)))
    yield "random signs", "".join(map(chr, draw.choices([*range(0xD800), *range(0xE000, 0x11000)], k=SIZE // 3)))
    yield "base64", base64.b64encode(draw.randbytes(SIZE)).decode()[:SIZE]
    yield "numbers in groups", " ".join(str(draw.randrange(10_000)) for _ in range(SIZE // 5))[:SIZE]
    yield "many parameters", "&".join(f"{draw.choice(letters)}{at}=%{at % 90 + 10}" for at in range(6_000))[:SIZE]
    yield "many properties", json.dumps({f"name{at}": at for at in range(4_000)})[:SIZE]
    yield "many events", json.dumps([{"name": "pageview", "url": f"https://{SITE}/{at}"} for at in range(1_000)])[:SIZE]
    yield "many sites", ",".join(f"{at}.example" for at in range(6_000))[:SIZE]
    yield "many addresses", ", ".join(f"203.0.113.{at % 256}" for at in range(6_000))[:SIZE]


_REPEATED = {
    **{name: name for name in ("a", "0", "A1", "é", "ß", "\u0345", "\ufdfa", "\u0300", "𝒳", "界", "\u200b", "\x00")},
    **{name: name for name in (" ", "\t", "\n", "'", '"', "\\", '\\"', "<", ">", "(", ")", "()", ";", ",", "=", "|")},
    **{
        name: name
        for name in ("/", "//", "./", "../", "/a", "/*", "-", "_", ".", "..", "a.", "a-", "1-", "1.", "1 ", "*")
    },
    **{
        name: name
        for name in ("%", "%2", "%25", "%2525", "%41", "%E4", "%ff", "%00", "%u0041", "&#39;", "&", "&a=1", "?")
    },
    **{
        name: name
        for name in ("#", "@", "a@", "a@a.", "@a.com ", ":", "::", "1:", "+", "+43 ", "(0", "12-34 ", "٣", "²")
    },
    **{
        name: name
        for name in ("[", "]", "{", "}", "[{", '{"a":', "[[", "null,", "1e9", "-1", "aB3", "AbC1", "xn--", "ab")
    },
    **{
        name: name for name in ("bot ", "Mozilla/5.0 (", "Android 10; ", "Version/4.0 ", "Chrome/1 ", "http://", "com.")
    },
    **{
        name: name
        for name in ("select ", "from ", "${", "en;q=0.1,", "q=,", "de-", "utm_source=a&", "GET / ", "- ", "&a=*a ")
    },
    **{
        name: name
        for name in ("a: ", "- - ", "? ", "!!a ", "&a [*a,", "{a: ", "<a>", "<!", "&lt;", "0.0.0.0/0\n", "!1.1.1.1\n")
    },
}
_FRAMED = {
    "nested lists": ("", "[", ""),
    "nested objects": ("", '{"a":', "1"),
    "closed lists": ("[" * 30_000, "]", ""),
    "an open text": ('{"a":"', "a", ""),
    "escapes": ('"', "\\u0041", '"'),
    "half escapes": ('"', "\\ud800", '"'),
    "a long number": ("", "9", ""),
    "a long fraction": ("0.", "0", "1"),
    "an exponent": ("1e", "9", ""),
    "an agent of blanks": ("Mozilla/5.0 (Linux; Android 10; ", " ", ") Chrome/1"),
    "an agent of brackets": ("Mozilla/5.0 ", "(", ")"),
    "an agent of builds": ("Mozilla/5.0 (", "Linux; Android 10; a Build/", ")"),
    "an agent of versions": ("Mozilla/5.0 (X11) ", "Chrome/1.2.3.4 Safari/1 ", "x"),
    "an agent almost right": ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/", "1.", " (KHTML, like Gecko) Chrome/1"),
    "an almost e-mail": ("a@", "a.", "!"),
    "an almost date": ("", "2024-13-", "x"),
    "an almost phone": ("+", "43 (1) ", "x"),
    "an almost IBAN": ("AT", "61 1904 ", "x"),
    "an almost key": ("", "aB3-", "!"),
    "a path of cases": ("/case", "/17-b", "/"),
    "a path of words": ("", "/services-and-permits", ""),
    "a host of labels": ("https://", "a.", "com/"),
    "a host of hyphens": ("https://a", "-", ".com/"),
    "a host of users": ("https://", "a:b@", "com/"),
    "a host in IPv6": ("https://[", "1:", "]/"),
    "seo hosts": ("https://", "seo-traffic-", ".com/"),
    "encoded twice": ("https://a.example/", "%2525", "41"),
    "a log line": ('203.0.113.9 - - [10/Jun/2024:12:00:00 +0000] "GET /', "a", ' HTTP/1.1" 200 1 "-" "-"'),
    "a log line of quotes": ('203.0.113.9 - - [10/Jun/2024:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "', '\\"', '"'),
    "a log line of blanks": ("203.0.113.9", " ", '- - [10/Jun/2024:12:00:00 +0000] "GET'),
    "a log line of brackets": ("203.0.113.9 - - ", "[", ""),
    "a JSON line": ('{"time":"2024-06-10T12:00:00Z","status":200,"uri":"/', "a", '"}'),
    "an HAProxy line": (
        "haproxy[1]: 1.2.3.4:5 [10/Jun/2024:12:00:00.000] a b/c 0/0/0/0/0 200 1 - - ---- 1/1/1/1/0 0/0 {",
        "|",
        "}",
    ),
    "a sitemap": ("<urlset>", "<url><loc>/a</loc></url>", "</urlset>"),
    "a deep sitemap": ("", "<a>", ""),
    "a YAML of anchors": ("a: &a [", "1,", "]"),
    "a YAML of depth": ("", "[", ""),
    "a YAML of lines": ("sites:\n", "  - name: a\n", ""),
    "a YAML of blanks": ("sites:", " ", "x"),
}
