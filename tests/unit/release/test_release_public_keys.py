"""Public key lists: who may put a key on one, what is shown, and what leaves again."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from release_samples import DAY, SOURCE, Home

from hubbub.core.keys import Dimension, Measure
from hubbub.core.vocabulary import REFERRERS
from hubbub.release.entries import Cells
from hubbub.release.expiry import DAYS, expire_faded
from hubbub.release.key_lists import key_list
from hubbub.release.portal import DIRECT, PORTAL
from hubbub.release.public_keys import PublicKeys, learn, unconfirmed
from hubbub.release.state import writing


def texts(public: PublicKeys, dimension: Dimension = Dimension.PAGE) -> list[str]:
    return [key for (key,) in public.frozen(SOURCE, dimension).keys]


def learned(home: Home, keys: Iterable[str], confirmed: bool) -> None:
    with writing(home.engine) as connection:
        learn(connection, SOURCE, Dimension.PAGE, keys, DAY, confirmed)


def hidden(home: Home) -> frozenset[str]:
    with home.engine.connect() as connection:
        return unconfirmed(connection, SOURCE).get(Dimension.PAGE, frozenset())


def test_a_list_is_sorted_and_named_by_its_hash(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.public.add(SOURCE, Dimension.PAGE, ["/b", "/a", "/b"], "import", DAY) == 2
    assert home.public.add(SOURCE, Dimension.PAGE, ["/a"], "import", DAY) == 0
    assert home.public.frozen(SOURCE, Dimension.PAGE) == key_list([("/a",), ("/b",)])
    assert home.public.frozen("other.example", Dimension.PAGE).keys == ()


def test_known_traffic_sources_are_always_public(tmp_path: Path) -> None:
    assert texts(Home(tmp_path).public, Dimension.REFERRER) == sorted([DIRECT, *REFERRERS])


def test_the_settings_keys_are_those_of_the_settings_now(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.public.declare(SOURCE, Dimension.PAGE, ["/a", "/b"], DAY)
    home.public.add(SOURCE, Dimension.PAGE, ["/c"], "import", DAY)
    home.public.declare(SOURCE, Dimension.PAGE, ["/b", "/d"], DAY)
    assert texts(home.public) == ["/b", "/c", "/d"]


def test_a_new_key_waits_until_it_is_approved(tmp_path: Path) -> None:
    home = Home(tmp_path)
    learned(home, ["/new"], confirmed=False)
    assert texts(home.public) == []
    assert hidden(home) == {"/new"}
    assert [each.key for each in home.public.waiting()] == ["/new"]
    assert home.public.approve(SOURCE, Dimension.PAGE, ["/new", "/unknown"]) == 1
    assert texts(home.public) == ["/new"]
    assert hidden(home) == frozenset()


def test_a_confirmed_release_and_an_import_confirm_what_waits(tmp_path: Path) -> None:
    home = Home(tmp_path)
    learned(home, ["/new", "/other"], confirmed=False)
    learned(home, ["/new"], confirmed=True)
    home.public.add(SOURCE, Dimension.PAGE, ["/other"], "import", DAY)
    assert texts(home.public) == ["/new", "/other"]


def test_a_revoked_key_is_hidden_until_it_is_approved(tmp_path: Path) -> None:
    home = Home(tmp_path)
    learned(home, ["/new"], confirmed=True)
    assert home.public.revoke(SOURCE, Dimension.PAGE, ["/new"]) == 1
    learned(home, ["/new"], confirmed=True)
    home.public.add(SOURCE, Dimension.PAGE, ["/new"], "import", DAY)
    home.public.declare(SOURCE, Dimension.PAGE, ["/new"], DAY)
    assert texts(home.public) == []
    assert hidden(home) == {"/new"}
    home.public.approve(SOURCE, Dimension.PAGE, ["/new"])
    assert texts(home.public) == ["/new"]


def test_released_keys_that_fade_expire_and_may_return(tmp_path: Path) -> None:
    """Over 30 days a key of 5 visitors a day stays under 2 sigma of its mean (6.3), one of 8 does not."""
    home = Home(tmp_path)
    keys = ("/busy", "/declared", "/faded")
    learned(home, ["/busy", "/faded"], confirmed=True)
    home.public.add(SOURCE, Dimension.PAGE, ["/declared"], "import", DAY)
    door, listed = home.closer.door, key_list((key,) for key in keys)
    for offset in range(DAYS):
        entry = door.entry(PORTAL[Measure.PAGE_VISITORS], SOURCE, DAY + timedelta(offset), listed)
        paid = home.ledger.debit([entry], door.priced(SOURCE).allowance, [listed])
        home.ledger.keep([(paid[0], Cells((8, 5, 5)))])
    assert expire_faded(home.ledger, home.public, SOURCE, DAY + timedelta(DAYS - 1)) == 0
    assert expire_faded(home.ledger, home.public, SOURCE, DAY + timedelta(DAYS)) == 1
    assert texts(home.public) == ["/busy", "/declared"]
    assert hidden(home) == frozenset()
    learned(home, ["/faded"], confirmed=False)
    assert texts(home.public) == ["/busy", "/declared", "/faded"]


def test_what_was_imported_is_known_for_days_of_long_ago(tmp_path: Path) -> None:
    """Tables come with rows of earlier days; what these days themselves released as new is not known before them."""
    home = Home(tmp_path)
    learned(home, ["/new"], confirmed=True)
    assert not home.public.has_any(SOURCE, Dimension.PAGE, DAY)
    assert home.public.has_any(SOURCE, Dimension.PAGE, DAY + timedelta(1))
    home.public.add(SOURCE, Dimension.PAGE, ["/listed"], "import", DAY + timedelta(30))
    assert home.public.has_any(SOURCE, Dimension.PAGE, DAY)
