"""Values as numbers: what many lines share is derived once and joined back by its code."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Codes = npt.NDArray[np.int32]
T = TypeVar("T", bound=Hashable)


class Codebook(Generic[T]):
    """Gives each distinct value the next number, from 0; `values[code]` is the value."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._codes: dict[T, int] = {}

    def code(self, value: T) -> int:
        """The number of a value."""
        code = self._codes.get(value)
        if code is None:
            code = self._codes[value] = len(self.values)
            self.values.append(value)
        return code

    def codes(self, values: Iterable[T]) -> Codes:
        """The numbers of some values."""
        return np.fromiter(map(self.code, values), dtype=np.int32)


class Texts:
    """A column of texts, encoded: `codes` by row, and the distinct texts that they stand for, None among them."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
        self.codes: Codes = encoded.indices.to_numpy()
        self._distinct = encoded.dictionary

    def distinct(self, codes: Codes) -> tuple[Codes, list[str | None]]:
        """The distinct texts among some rows given by their `codes`, and for each row the place of its own."""
        is_used = np.zeros(len(self._distinct), dtype=np.bool_)
        is_used[codes] = True
        places = np.cumsum(is_used, dtype=np.int32) - 1
        return places[codes], self._distinct.filter(pa.array(is_used)).to_pylist()


def distinct_pairs(first: Codes, second: Codes) -> tuple[npt.NDArray[np.int64], list[tuple[int, int]]]:
    """The distinct pairs of codes, and for each row the place of its own."""
    width = int(second.max(initial=0)) + 1
    pairs, places = np.unique(first.astype(np.int64) * width + second, return_inverse=True)
    return places, [divmod(pair, width) for pair in pairs.tolist()]
