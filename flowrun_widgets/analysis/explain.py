"""`explain()`: which parameter, tag, version, work pool, hour or pattern of lines separates two groups of runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from flowrun_widgets.analysis.intervals import difference_interval, quantile
from flowrun_widgets.analysis.run_facts import MISSING, facts_of, value_text
from flowrun_widgets.times import isoformat, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from flowrun_widgets.records import FlowRunRecord

    Bools = NDArray[np.bool_]

__all__ = ["RunFactor", "explain"]

MAX_VALUES = 60
"""How many of the most frequent values of a fact are tried."""
MAX_SPLITS = 9
"""At how many values a numeric fact is split, evenly spread over the runs."""
MIN_RUNS = 2
"""A value that fewer runs have is not tried."""
LONGEST_HOURS = 6
"""The longest span of hours of the day that is tried."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class RunFactor:
    """Something that runs of one group have more often than runs of the other.

    `what` says it in words: `parameters.region = "eu"`, `tag nightly`, `hour 2 to 4 UTC`.
    """

    fact: str
    """The fact alone: `parameters.region`, `tag nightly`, `hour`."""
    what: str
    failed_count: int
    """How many runs of the first group have it, of `failed_total`."""
    failed_total: int
    ok_count: int
    """How many runs of the second group have it, of `ok_total`."""
    ok_total: int
    low: float
    """The 95 % interval of `difference`, from `low` to `high`."""
    high: float
    is_clear: bool
    """Whether the difference is above zero also if the interval is widened for the number of things that were tried."""
    also: tuple[str, ...] = ()
    """What holds for exactly the same runs, and cannot be told apart from this."""

    @property
    def failed_share(self) -> float:
        """The share of the first group, from 0 to 1."""
        return self.failed_count / max(1, self.failed_total)

    @property
    def ok_share(self) -> float:
        """The share of the second group."""
        return self.ok_count / max(1, self.ok_total)

    @property
    def difference(self) -> float:
        """The share of the first group minus that of the second."""
        return self.failed_share - self.ok_share


class Candidate(NamedTuple):
    """Something that may separate the groups: which runs have it, and of which runs this is known."""

    fact: str
    what: str
    otherwise: str
    has: Bools
    known: Bools


def explain(
    failed: Sequence[FlowRunRecord],
    ok: Sequence[FlowRunRecord],
    patterns: Mapping[str, AbstractSet[str]] | None = None,
) -> tuple[list[RunFactor], int]:
    """Return the factors, the clearest first, and how many candidates were tried. The records are without secrets.

    `patterns` are the patterns of lines of the runs that were read, by run id. Of each fact the best candidate is
    returned. The clear ones come first; both are sorted by the lower end of the interval that decides.
    """
    records = [*failed, *ok]
    candidates = [*_candidates(records, patterns or {})]
    if not failed or not ok or not candidates:
        return [], 0
    has = np.array([one.has for one in candidates])
    known = np.array([one.known for one in candidates])
    counts = [(has & known)[:, part].sum(1) for part in _parts(len(failed))]
    totals = [known[:, part].sum(1) for part in _parts(len(failed))]
    is_less = counts[0] / np.maximum(totals[0], 1) < counts[1] / np.maximum(totals[1], 1)
    counts = [np.where(is_less, total - n, n) for n, total in zip(counts, totals, strict=True)]
    tries = len(candidates)
    low, high = difference_interval(counts[0], totals[0], counts[1], totals[1], quantile())
    bound, _ = difference_interval(counts[0], totals[0], counts[1], totals[1], quantile(tries))
    found: dict[bytes, RunFactor] = {}
    facts: set[str] = set()
    is_clear = bound > 0
    for place in np.lexsort((is_less, -np.where(is_clear, bound, low), ~is_clear)).tolist():
        one = candidates[place]
        runs = np.packbits((has[place] ^ is_less[place]) & known[place]).tobytes()
        what = one.otherwise if is_less[place] else one.what
        same = found.get(runs)
        if one.fact in facts or counts[0][place] == 0:
            continue
        facts.add(one.fact)
        if same is not None:
            found[runs] = _with(same, what)
            continue
        found[runs] = RunFactor(
            one.fact,
            what,
            int(counts[0][place]),
            int(totals[0][place]),
            int(counts[1][place]),
            int(totals[1][place]),
            float(low[place]),
            float(high[place]),
            bool(is_clear[place]),
        )
    return [one for one in found.values() if one.difference > 0], tries


def _with(factor: RunFactor, what: str) -> RunFactor:
    return replace(factor, also=(*factor.also, what))


def _parts(first: int) -> tuple[slice, slice]:
    return slice(0, first), slice(first, None)


def _candidates(
    records: Sequence[FlowRunRecord], patterns: Mapping[str, AbstractSet[str]]
) -> Iterator[Candidate]:
    every = np.ones(len(records), bool)
    facts = [facts_of(record) for record in records]
    for name in sorted({name for own in facts for name in own}):
        yield from _of_fact(name, [own.get(name, MISSING) for own in facts], every)
    yield from _of_words("tag", [{*map(str, record.tags)} for record in records], every)
    yield from _of_words("label", [{*map(str, record.labels or ())} for record in records], every)
    yield from _of_times(records)
    read = np.array([record.id in patterns for record in records], bool)
    lines = [{*patterns.get(record.id, ())} for record in records]
    yield from _of_words("pattern", lines, read)


def _of_fact(name: str, values: list[Any], every: Bools) -> Iterator[Candidate]:
    keys = [value_text(value) for value in values]
    counts = Counter(keys)
    if len(counts) < 2:
        return
    texts = np.array(keys, object)
    for key, number in counts.most_common(MAX_VALUES):
        if number >= MIN_RUNS:
            yield Candidate(name, f"{name} = {key}", f"{name} ≠ {key}", texts == key, every)
    numbers = _numbers(values)
    if numbers is not None:
        yield from _splits(name, numbers, values, every)


def _numbers(values: list[Any]) -> NDArray[np.float64] | None:
    """Return the values as numbers, NaN for those that are missing; None if some are neither numbers nor dates."""
    found: list[float] = []
    for value in values:
        if value is MISSING:
            found.append(np.nan)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append(float(value))
        elif isinstance(value, str) and (moment := _date(value)) is not None:
            found.append(moment)
        else:
            return None
    return np.array(found)


def _date(text: str) -> float | None:
    """Return the time that an ISO 8601 text gives, in microseconds."""
    if not text[:4].isdigit() or "-" not in text:
        return None
    try:
        return float(to_micros(datetime.fromisoformat(text)))
    except ValueError:
        return None


def _splits(
    name: str, numbers: NDArray[np.float64], values: Sequence[Any], every: Bools
) -> Iterator[Candidate]:
    known = np.isfinite(numbers)
    distinct, firsts = np.unique(numbers[known], return_index=True)
    if len(distinct) < 3:
        return
    shown = [value for value, is_known in zip(values, known, strict=True) if is_known]
    shares = np.linspace(0, 1, MAX_SPLITS + 2)[1:-1]
    at = np.unique(np.searchsorted(distinct, np.quantile(numbers[known], shares)))
    for place in at[(at > 0) & (at < len(distinct))].tolist():
        text = value_text(shown[int(firsts[place])])
        above = np.where(known, numbers, -np.inf) >= distinct[place]
        yield Candidate(name, f"{name} ≥ {text}", f"{name} < {text}", above, every & known)


def _of_words(kind: str, words: Sequence[AbstractSet[str]], known: Bools) -> Iterator[Candidate]:
    """Yield a candidate for each word that some runs have and others do not."""
    counts = Counter(word for own in words for word in own)
    for word, number in counts.most_common(MAX_VALUES):
        if MIN_RUNS <= number < known.sum():
            has = np.array([word in own for own in words], bool)
            yield Candidate(f"{kind} {word}", f"{kind} {word}", f"no {kind} {word}", has, known)


def _of_times(records: Sequence[FlowRunRecord]) -> Iterator[Candidate]:
    """Yield spans of hours of the day, weekdays and splits by the time at which runs began, all in UTC."""
    times = [record.started_at or record.scheduled_start_at for record in records]
    known = np.array([moment is not None for moment in times], bool)
    hours = np.array([-1 if moment is None else moment.hour for moment in times])
    if len(np.unique(hours[known])) > 1:
        for length in range(1, LONGEST_HOURS + 1):
            for start in range(24):
                has = known & ((hours - start) % 24 < length)
                if MIN_RUNS <= has.sum() < known.sum():
                    end = (start + length) % 24
                    span = f"hour {start} to {end} UTC"
                    yield Candidate("hour", span, f"not {span}", has, known)
    days = np.array([-1 if moment is None else datetime.weekday(moment) for moment in times])
    if len(np.unique(days[known])) > 1:
        for day, name in enumerate(WEEKDAYS):
            has = days == day
            if has.sum() >= MIN_RUNS:
                yield Candidate("weekday", name, f"not {name}", has, known)
    moments = np.array([np.nan if one is None else float(to_micros(one)) for one in times])
    texts = ["" if one is None else isoformat(one)[:16] for one in times]
    for one in _splits("began", moments, texts, known):
        yield Candidate(
            one.fact, one.what.replace('"', ""), one.otherwise.replace('"', ""), one.has, one.known
        )
