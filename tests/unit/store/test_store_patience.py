import threading

import pytest

from hubbub.store.patience import Patience
from hubbub.store.shared_tables import Unanswered


def test_what_comes_in_time_is_handed_on() -> None:
    patience = Patience(60.0)
    assert patience.wait_for(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        patience.wait_for(lambda: 1 // 0)


def test_what_hangs_is_left_and_nothing_else_begun_until_it_ends() -> None:
    patience = Patience(0.05)
    go_on = threading.Event()
    with pytest.raises(Unanswered):
        patience.wait_for(go_on.wait)
    with pytest.raises(Unanswered):
        patience.wait_for(lambda: 5)
    go_on.set()
    assert patience._stuck is not None
    patience._stuck.join()
    patience._longest_s = 60.0
    assert patience.wait_for(lambda: 5) == 5
