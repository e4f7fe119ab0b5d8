"""The two mechanisms: discrete Gaussian noise on integer counts, and the strict threshold of new keys.

Unit: one device on one source and local day. Neighbouring tables differ by all rows of one unit. Noise comes
from OpenDP's sampler, which draws from the operating system and cannot be seeded.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian
from opendp.metrics import l2_distance
from opendp.mod import enable_features

from hubbub.core.errors import LedgerError
from hubbub.release.budget import PICO

enable_features("contrib")


def add_noise(counts: Sequence[int], scale: Fraction, l2_squared: int, rho: int) -> list[int]:
    """The counts, each with independent discrete Gaussian noise of `scale`.

    Theorem (Canonne, Kamath, Steinke 2020, Theorem 14): for integer counts whose L2 norm changes by at most d
    between neighbours, this is (d² / 2·scale²)-zCDP. `l2_squared` is d², an integer that the SQL of the measure
    enforces a unit; the counts of several days may stand in one vector, since a unit lies on one day.
    The cost is checked with OpenDP's own privacy map before anything is drawn: `LedgerError` when it exceeds
    `rho` (pico-rho).
    """
    noisy = make_gaussian(vector_domain(atom_domain(T="i64")), l2_distance(T="f64"), scale=float(scale))
    distance = math.nextafter(math.sqrt(l2_squared), math.inf)
    cost: float = noisy.map(d_in=distance)  # type: ignore[no-untyped-call]
    if Fraction(cost) > Fraction(rho, PICO):
        raise LedgerError(f"noise of scale {float(scale):.6g} costs more than was debited; nothing was drawn")
    if not counts:
        return []
    drawn: list[int] = noisy([int(count) for count in counts])
    return drawn


def passes(noised: int, threshold: int) -> bool:
    """Whether a new key is released: its noised count of distinct units is strictly greater than the threshold.

    Theorem (stability-based selection; PRIVACY.md, Keys): with counts of distinct units, at most K new keys a
    unit and T = `budget.threshold_for(scale, K, delta)`, noising every key that occurs and releasing those above
    T is delta-approximately (K / 2·scale²)-zCDP: where neighbours share a key the noise covers it; a key that
    only the differing unit has is noised from 1, and any of K such keys passes with probability at most delta.
    OpenDP's own threshold mechanism also releases noised == T, which is why it is not used.
    """
    return noised > threshold
