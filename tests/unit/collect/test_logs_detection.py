"""Which format a log is in: by a majority of its first lines, and where it changes."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_samples import line, run
from server_lines import ALB, CADDY, HAPROXY, HAPROXY_SYSLOG, IIS, NGINX_JSON, NGINX_SYSLOG

from hubbub.collect.logs.captures import places_of
from hubbub.collect.logs.detection import LOOK_AT, detect
from hubbub.collect.logs.formats import FORMATS, PREFIX
from hubbub.core.errors import InputError
from hubbub.core.reasons import DropReason

D = DropReason
OF_EACH = {
    "combined": line().rstrip(),
    "vhost": f"portal.example:443 {line().rstrip()}",
    "alb": ALB.splitlines()[0],
    "json": NGINX_JSON.splitlines()[0],
    "haproxy": HAPROXY.splitlines()[0],
}
NAMES = st.sampled_from(sorted(OF_EACH))
ODD = st.text(st.characters(exclude_characters="\r\n#"), max_size=60).filter(lambda text: not text.startswith("{"))


@given(name=NAMES, lines=st.integers(1, 300), odd=st.lists(ODD, max_size=60), data=st.data())
@settings(deadline=None)
def test_the_format_of_most_lines_is_found_among_odd_ones(
    name: str, lines: int, odd: list[str], data: st.DataObject
) -> None:
    text = [OF_EACH[name]] * max(lines, len(odd) + 1) + odd
    if len(text) <= LOOK_AT:  # else the odd ones might be all that is looked at
        text = data.draw(st.permutations(text))
    found = detect(["# a comment", "", *text])
    assert found is not None
    assert found.name == FORMATS[name].name
    assert not found.has_prefix


@given(lines=st.lists(ODD, max_size=20))
@settings(deadline=None)
def test_any_lines_are_in_a_known_format_or_in_none(lines: list[str]) -> None:
    found = detect(lines)
    assert found is None or found.name in FORMATS


@pytest.mark.parametrize("start", ["", "a ", "a b ", "a b c ", "1:1 [", *(text[:40] for text in OF_EACH.values())])
@pytest.mark.parametrize(
    "piece", [":", "a:1", "a ", "[", '"', "\\", "{", "|", "0.", "-", "1/", "Jun  9 07:00:01 h ", "<1>", "h[1] ", " \t"]
)
def test_no_line_takes_long_to_look_at(start: str, piece: str) -> None:
    line = start + piece * (65_536 // len(piece))
    begun = time.process_time()
    detect([line])
    places_of([line])
    assert time.process_time() - begun < 1.0  # a search that goes back and forth takes half a minute


@pytest.mark.parametrize(
    ("text", "name", "has_prefix"),
    [
        (CADDY, "json", False), (IIS, "w3c", False), (ALB, "alb", False), (HAPROXY, "haproxy", False),
        (HAPROXY_SYSLOG, "haproxy", True), (NGINX_SYSLOG, "combined", True),
    ],
)  # fmt: skip
def test_formats_are_told_apart_and_from_what_syslog_puts_before(text: str, name: str, has_prefix: bool) -> None:
    found = detect(text.splitlines())
    assert found is not None
    assert (found.name, found.has_prefix) == (name, has_prefix)
    assert len(PREFIX) < 300


@pytest.mark.parametrize("first", sorted(OF_EACH))
@pytest.mark.parametrize("then", sorted(OF_EACH))
def test_a_file_that_changes_its_format_says_where(tmp_path: Path, first: str, then: str) -> None:
    path = tmp_path / "a.log"
    before, after = [OF_EACH[first]] * 250, [OF_EACH[then]] * 30
    path.write_text("\n".join([*before, "", "odd", *after, ""]))
    if first == then or {first, then} == {"combined", "vhost"}:  # the latter parse as each other: counted, see below
        assert run(path).lines == 281
        return
    with pytest.raises(
        InputError, match=rf"a\.log line 25[23]: from here on it is in another format \({then}, not {first}"
    ):
        run(path)


def test_lines_that_do_not_parse_are_no_other_format(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(line() * 60 + "odd\n" * 50 + line() * 3)
    assert run(path).lines == 113


def test_lines_with_and_without_a_host_before_them_are_counted_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    for first, then, reason in (("combined", "vhost", D.NO_ADDRESS), ("vhost", "combined", D.UNKNOWN_SITE)):
        path.write_text("".join(f"{OF_EACH[name]}\n" for name in (first, first, then)))
        assert run(path).dropped == {reason: 1}
