"""From probabilities to words, so that a word changes when something has changed and not when noise has.

Two ways, for noise comes in two ways:

- *While a period runs*, the probability that it will be met is, by the model, a martingale: noise and news move it, and
  it cannot swing for ever. By Doob's inequality it rises from under a to over b at most a / (b - a) times on average,
  however many days there are. So a target becomes on track at the confidence c and stays so until c / 2.
- *Day by day* each closed day has noise of its own, and some day is always unlucky. So a standing is left only on a day
  that contradicts it at `SURE`; a period that is over keeps the verdict of its end.
"""

from hubbub.insight.targets.state import Standing

SURE = 0.999
ALREADY = 0.99


def verdict(probability: float, confidence: float) -> Standing:
    """Of a period that is over. Between the two, noise leaves it open, and it stays at risk."""
    if probability >= confidence:
        return Standing.MET
    return Standing.MISSED if probability <= 1 - confidence else Standing.AT_RISK


def next_of_days(before: Standing, probability: float, confidence: float) -> Standing:
    """After one more closed day of a target that is judged by the day."""
    if before is Standing.UNKNOWN:
        return verdict(probability, confidence)
    if before is not Standing.MET and probability >= SURE:
        return Standing.MET
    if before is not Standing.MISSED and probability <= 1 - SURE:
        return Standing.MISSED
    return before


def begin_period(before: Standing) -> Standing:
    """What a new period takes over from the end of the one before."""
    return {Standing.MET: Standing.ON_TRACK, Standing.MISSED: Standing.AT_RISK}.get(before, before)


def next_of_running(before: Standing, probability: float, already: float, confidence: float) -> Standing:
    """After one more day of a period that runs; `already` is the probability that what is counted so far meets it."""
    if already >= (confidence if before is Standing.MET else ALREADY):
        return Standing.MET
    if probability <= (1 - confidence if before is Standing.MISSED else 1 - ALREADY):
        return Standing.MISSED
    on_track = before in (Standing.ON_TRACK, Standing.MET)
    if probability >= (confidence / 2 if on_track else confidence):
        return Standing.ON_TRACK
    return Standing.AT_RISK
