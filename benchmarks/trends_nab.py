"""The Numenta Anomaly Benchmark's scoring, written from its description, on the part of its series that is here.

A detector gives each row a score from 0 to 1, seeing rows up to that one only. Rows at or past a threshold, the same
for all series and the best for the profile, are detections (Lavin & Ahmad, "Evaluating Real-time Anomaly Detection
Algorithms", ICMLA 2015; thresholds are swept as NAB 1.1 does it):

- the first 15 % of a series, at most 750 rows, are not scored;
- of a labelled window of n rows the earliest detection counts, by σ(−(rows to its end + 1)/n)/σ(−1) with
  σ(p) = 2/(1 + exp(5 p)) − 1: 1 on the first row, 0 past the end; a window without one counts the weight of a miss;
- a detection in no window counts the weight of a false alarm, times σ(rows since the last window's end/(n − 1)), −1
  from three widths on, and where there is no window before;
- of the sum, 0 is who detects nothing and 100 is who detects the first row of each window and nothing else.

Labels are NAB's windows: 10 % of a series' rows, shared among its anomalies. The published scores are of all 58 series
and not of this part: beside them stands what the same simple detectors make of this part.
"""

import argparse
import csv
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]
Stamps = npt.NDArray[np.datetime64]
DATA = Path(os.environ.get("HUBBUB_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
PROBATION, PROBATION_ROWS = 0.15, 750
FAR = 3.0
SECONDS = len("2014-04-10 16:15:00")


@dataclass(frozen=True)
class Profile:
    """What a window found, a false alarm and a miss weigh."""

    name: str
    found: float
    alarm: float
    missed: float


PROFILES = (
    Profile("standard", 1.0, 0.11, 1.0),
    Profile("reward_low_FP", 1.0, 0.22, 1.0),
    Profile("reward_low_FN", 1.0, 0.11, 2.0),
)
PUBLISHED = {  # of all 58 series, NAB 1.0's README: standard, reward low FP, reward low FN
    "Numenta HTM": (70.1, 62.2, 74.7),  # the middle of the ranges that it gives
    "CAD OSE": (69.9, 67.0, 73.2),
    "KNN CAD": (58.0, 43.4, 64.8),
    "Relative Entropy": (54.6, 47.6, 58.8),
    "Random Cut Forest": (51.7, 38.4, 59.7),
    "Twitter ADVec": (47.1, 33.6, 53.5),
    "Windowed Gaussian": (39.6, 20.9, 47.4),
    "Etsy Skyline": (35.7, 27.1, 44.5),
    "Bayesian Changepoint": (17.7, 3.2, 32.2),
    "EXPoSE": (16.4, 3.2, 26.9),
    "Random": (11.0, 1.2, 19.5),
    "Null": (0.0, 0.0, 0.0),
}


@dataclass(frozen=True)
class Series:
    """A series and its windows: first and last row of each."""

    name: str
    stamps: Stamps
    values: Floats
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """How many rows at its beginning are not scored."""
        return min(int(PROBATION * len(self.values)), PROBATION_ROWS)

    @property
    def rows_a_day(self) -> int:
        """By the usual distance between two rows."""
        steps = np.diff(self.stamps).astype("timedelta64[s]").astype(np.int64)
        return max(2, round(86_400 / float(np.median(steps))))


Detector = Callable[[Series], Floats]


def load(folder: Path = DATA / "nab") -> list[Series]:
    """The series that are here. Raises `FileNotFoundError` where there are none."""
    found = []
    for name, windows in json.loads((folder / "windows.json").read_text()).items():
        with (folder / name).open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        stamps = np.array([row["timestamp"][:SECONDS] for row in rows], "datetime64[s]")
        values = np.array([float(row["value"]) for row in rows])
        edges = tuple(
            (
                int(np.searchsorted(stamps, np.datetime64(begin[:SECONDS]))),
                int(np.searchsorted(stamps, np.datetime64(end[:SECONDS]), "right")) - 1,
            )
            for begin, end in windows
        )
        found.append(Series(name, stamps, values, edges))
    return found


def sigmoid(position: npt.ArrayLike) -> Floats:
    """From 1 long before a window's end over 0 at its end to −1 long after it."""
    return np.asarray(2 / (1 + np.exp(5 * np.asarray(position, np.float64))) - 1, np.float64)


def worth(series: Series, profile: Profile) -> tuple[Floats, npt.NDArray[np.int64]]:
    """What a detection on each row counts, float[n], and the window in which the row lies, −1 for none: int[n]."""
    rows = np.arange(len(series.values))
    counts = np.full(len(rows), -profile.alarm)
    inside = np.full(len(rows), -1, np.int64)
    for number, (first, last) in enumerate(sorted(series.windows)):
        width = last - first + 1
        position = (rows - last) / max(width - 1, 1)
        after = np.where(position >= FAR, -1.0, sigmoid(np.minimum(position, FAR)))
        counts = np.where(rows > last, profile.alarm * after, counts)
        within = (rows >= first) & (rows <= last)
        counts = np.where(within, profile.found * sigmoid((rows - last - 1) / width) / sigmoid(-1.0), counts)
        inside[within] = number
    return counts, inside


def normalised(corpus: Iterable[tuple[Series, Floats]], profile: Profile) -> tuple[float, float]:
    """The score under the threshold that is best for it, and that threshold (infinite: nothing is detected)."""
    scores, gains, windows = [], [], 0
    for series, given in corpus:
        counts, inside = worth(series, profile)
        scored = np.arange(len(given)) >= series.probation
        outside = scored & (inside < 0)
        scores.append(given[outside])
        gains.append(counts[outside])
        for number in range(len(series.windows)):
            rows = np.flatnonzero(scored & (inside == number))
            order = rows[np.argsort(-given[rows], kind="stable")]
            best = np.maximum.accumulate(np.concatenate(([-profile.missed], counts[order])))
            scores.append(given[order])
            gains.append(np.diff(best))
            windows += 1
    all_scores, all_gains = np.concatenate(scores), np.concatenate(gains)
    order = np.argsort(-all_scores, kind="stable")
    sums = np.cumsum(all_gains[order])
    ends = np.flatnonzero(np.append(np.diff(all_scores[order]) != 0, True))
    least = -profile.missed * windows
    place = int(ends[np.argmax(sums[ends])]) if len(ends) else -1
    best_sum = max(0.0, float(sums[place])) if place >= 0 else 0.0
    threshold = float(all_scores[order][place]) if best_sum > 0 else float("inf")
    return 100 * best_sum / max(profile.found * windows - least, 1e-300), threshold


def scores_of(detector: Detector, corpus: Iterable[Series]) -> dict[str, float]:
    """Normalised scores by profile."""
    given = [(series, detector(series)) for series in corpus]
    return {profile.name: round(normalised(given, profile)[0], 1) for profile in PROFILES}


def null(series: Series) -> Floats:
    """Every row alike."""
    return np.full(len(series.values), 0.5)


def random(series: Series) -> Floats:
    """Any number, the same ones in every run."""
    return np.random.default_rng(len(series.values)).random(len(series.values))


def windowed_gaussian(series: Series, window: int = 1_000) -> Floats:
    """1 less the normal tail of a row's distance to the mean of the 1,000 rows before: NAB's own simple detector."""
    sums = np.concatenate(([0.0], np.cumsum(series.values)))
    squares = np.concatenate(([0.0], np.cumsum(series.values**2)))
    ends = np.arange(len(series.values))
    begins = np.maximum(ends - window, 0)
    count = np.maximum(ends - begins, 1)
    mean = (sums[ends] - sums[begins]) / count
    spread = np.sqrt(np.maximum((squares[ends] - squares[begins]) / count - mean**2, 0.0))
    z = np.abs(series.values - mean) / np.maximum(spread, 1e-6)
    return np.where(ends == 0, 0.0, ndtr(z))


def robust_season(series: Series, days: int = 7, past: int = 1_000) -> Floats:
    """Distance z to the median of the same time on the 7 days before, by the MAD of 1,000 such: z / (1 + z).

    Where nothing ever differs the spread is a tenth of the values' own.
    """
    rows, day = len(series.values), series.rows_a_day
    before = np.full((days, rows), np.nan)
    for number in range(1, days + 1):
        if number * day < rows:
            before[number - 1, number * day :] = series.values[: rows - number * day]
    known = np.isfinite(before).any(axis=0)
    apart = np.zeros(rows)
    apart[known] = series.values[known] - np.nanmedian(before[:, known], axis=0)
    z = np.zeros(rows)
    for start in range(day, rows, 12):
        spread = 1.4826 * float(np.median(np.abs(apart[max(day, start - past) : start + 1])))
        least = 0.1 * float(series.values[max(0, start - past) : start + 1].std())
        z[start : start + 12] = np.abs(apart[start : start + 12]) / max(spread, least, 1e-6)
    return z / (1 + z)


SIMPLE: dict[str, Detector] = {
    "Null": null,
    "Random": random,
    "Windowed Gaussian": windowed_gaussian,
    "robust season": robust_season,
}


def run(detectors: dict[str, Detector], corpus: list[Series]) -> dict[str, dict[str, float]]:
    """Scores by detector, and by profile."""
    return {name: scores_of(detector, corpus) for name, detector in detectors.items()}


def main() -> None:
    """Score the simple detectors, and print the published ones beside them."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    found = run(SIMPLE, load())
    for name, scores in found.items():
        print(f"{name:24}", *(f"{scores[profile.name]:8.1f}" for profile in PROFILES))
    for name, published in PUBLISHED.items():
        print(f"{name + ', published':24}", *(f"{score:8.1f}" for score in published))
    print(json.dumps({"benchmark": "trends_nab", "ratios": {}, "figures": found}))


if __name__ == "__main__":
    main()
