"""How well lines are grouped by pattern: scores on sets of lines whose true templates are known, beside drain3.

The sets are no part of the repository. `FLOWRUN_TEMPLATES` is the path of a CSV file with the columns `set`, `message`
and `template`, such as Loghub's 2k sets (Zhu et al., ISSRE 2023). Group accuracy (GA) is the share of lines whose group
is exactly a true group; FGA is the F1 score over groups; PA is the share of lines whose pattern is exactly the true
template; FTA is the F1 score over patterns.

`halves` chooses the four numbers of the mechanism on one half of the sets, and scores the other half with them.
"""

from __future__ import annotations

import itertools
import os
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flowrun_widgets.analysis import templates, word_slots
from flowrun_widgets.analysis.templates import template_ids
from flowrun_widgets.views.logs import FlowRunLogs
from tests.query.lines import columns_of, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyarrow as pa

    from flowrun_widgets.log_columns import LogColumns

PEERS = next(
    (Path(__file__).parents[2] / ".cache" / "peers" / "lib").glob("python3*/site-packages"), None
)
RUNS = 5
SLOT = re.compile(r"<\*>|<[a-z_0-9]*(?::[a-z]+)?>")
DELIMITERS = re.compile(r"""([\s,!;:=|"'\[\](){}.\-+@#$%&])""")
BEFORE, AFTER = "((?<=[^A-Za-z0-9])|^)", "((?=[^A-Za-z0-9])|$)"
DRAIN3_MASKS = [
    (rf"{BEFORE}(\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}){AFTER}", "IP"),
    (rf"{BEFORE}(0x[a-f0-9A-F]+){AFTER}", "HEX"),
    (rf"{BEFORE}([\-\+]?\d+){AFTER}", "NUM"),
]
CHOICES = {
    "MANY_WORDS": (6, 8, 12, 16),
    "MANY_FIRST_WORDS": (12, 20, 30),
    "FEW_WORDS": (2, 3, 4),
}
Sets = dict[str, tuple[list[str], list[str], "LogColumns"]]


def main() -> None:
    path = os.environ.get("FLOWRUN_TEMPLATES")
    if not path:
        print("FLOWRUN_TEMPLATES is not set: the path of a CSV file with set, message, template")
        return
    if PEERS is None:
        sys.exit("drain3 is missing: run `make .cache/peers/.ready`")
    sys.path.append(str(PEERS))
    sets = read(Path(path))
    if "halves" in sys.argv:
        halves(sets)
        return
    frame = pd.DataFrame({name: row(*one) for name, one in sets.items()}).T
    print(frame.round(3).to_string())
    print(frame.mean().round(3).to_string())


def read(path: Path) -> Sets:
    """Return the messages, true templates and log of each set."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return {
        str(name): (
            lines["message"].tolist(),
            lines["template"].tolist(),
            columns_of(said(lines["message"].tolist())),
        )
        for name, lines in frame.groupby("set")
    }


def row(messages: list[str], true: list[str], columns: LogColumns) -> dict[str, float]:
    """Return the scores and milliseconds of ours, of masks alone and of drain3, and how exact our filter terms are."""
    ids = template_ids(columns)
    described = [ids.described(number) for number in range(len(ids.firsts))]
    ours = [described[code][0] for code in ids.codes.tolist()]
    found: dict[str, float] = {**scores(true, ours)}
    found["ms"] = took(lambda: template_ids(columns))
    merged, templates.with_word_slots = templates.with_word_slots, without
    found["masks GA"] = scores(true, by_ids(columns))["GA"]
    found["masks ms"] = took(lambda: template_ids(columns))
    templates.with_word_slots = merged
    theirs = {f"drain3 {name}": n for name, n in scores(true, by_drain3(messages)).items()}
    found |= theirs | {"drain3 ms": took(lambda: by_drain3(messages), 1)}
    logs = FlowRunLogs(columns)
    seq = columns.table["seq"].to_numpy()
    exact = [
        set(logs.where(term).columns.table["seq"].to_pylist()) == set(seq[ids.codes == n].tolist())
        for n, (_, term) in enumerate(described)
    ]
    return found | {"exact terms": statistics.mean(exact)}


def halves(sets: Sets) -> None:
    """Print the scores of each half of the sets with the numbers that are best on the other half."""
    names = sorted(sets)
    tried = {}
    for numbers in itertools.product(*CHOICES.values()):
        for name, number in zip(CHOICES, numbers, strict=True):
            setattr(word_slots, name, number)
        tried[numbers] = {name: scores(sets[name][1], by_ids(sets[name][2])) for name in names}
    for label, chosen in (
        ("every other set", names[::2]),
        ("the others", names[1::2]),
        ("first half", names[:8]),
        ("second half", names[8:]),
    ):
        others = [name for name in names if name not in chosen]
        best = max(tried, key=lambda numbers: total(tried[numbers], chosen))
        print(f"chosen on {label}: {dict(zip(CHOICES, best, strict=True))}")
        print(f"  there     {means(tried[best], chosen)}")
        print(f"  held out  {means(tried[best], others)}")
    spread = [[means(of_sets, names)[name] for of_sets in tried.values()] for name in ("GA", "FGA")]
    print("over all numbers tried, GA and FGA:", [(min(one), max(one)) for one in spread])


def total(of_sets: dict[str, dict[str, float]], names: Iterable[str]) -> float:
    found = means(of_sets, names)
    return found["GA"] + found["FGA"] + found["FTA"]


def means(of_sets: dict[str, dict[str, float]], names: Iterable[str]) -> dict[str, float]:
    frame = pd.DataFrame({name: of_sets[name] for name in names}).T
    return {str(name): round(float(number), 3) for name, number in frame.mean().items()}


def by_ids(columns: LogColumns) -> list[str]:
    ids = template_ids(columns)
    patterns = [ids.described(number)[0] for number in range(len(ids.firsts))]
    return [patterns[code] for code in ids.codes.tolist()]


def without(keys: pa.Array, mark: str) -> tuple[pa.Array, np.ndarray]:
    """Merge no words, so that numbers, ids, times, addresses and paths alone are slots."""
    return keys, np.arange(len(keys))


def by_drain3(messages: list[str]) -> list[str]:
    """Group with drain3, with the masks of its own example: addresses, hexadecimal and other numbers."""
    from drain3 import TemplateMiner  # type: ignore[import-not-found]
    from drain3.masking import MaskingInstruction  # type: ignore[import-not-found]
    from drain3.template_miner_config import TemplateMinerConfig  # type: ignore[import-not-found]

    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(*mask) for mask in DRAIN3_MASKS]
    miner = TemplateMiner(config=config)
    clusters = [miner.add_log_message(message)["cluster_id"] for message in messages]
    by_id = {cluster.cluster_id: cluster.get_template() for cluster in miner.drain.clusters}
    return [re.sub("<:?[A-Z]+:?>", "<*>", by_id[cluster]) for cluster in clusters]


def took(run: Callable[[], object], runs: int = RUNS) -> float:
    """Return the fewest milliseconds of CPU time of some runs."""
    spent = []
    for _ in range(runs):
        started = time.process_time()
        run()
        spent.append(time.process_time() - started)
    return min(spent) * 1000


def scores(true: list[str], found: list[str]) -> dict[str, float]:
    """Return GA, FGA, PA and FTA."""
    sizes = Counter(true)
    together = defaultdict(list)
    for truth, pattern in zip(true, found, strict=True):
        together[pattern].append(truth)
    right = [
        len(truths)
        for truths in together.values()
        if len(set(truths)) == 1 and sizes[truths[0]] == len(truths)
    ]
    spelled = {text: spelling(text) for text in {*true, *found}}
    wanted = [spelled[text] for text in true]
    written_as = [spelled[text] for text in found]
    truths_of = defaultdict(set)
    for truth, pattern in zip(wanted, written_as, strict=True):
        truths_of[pattern].add(truth)
    exact = sum(truths == {pattern} for pattern, truths in truths_of.items())
    same = sum(a == b for a, b in zip(wanted, written_as, strict=True))
    return {
        "GA": sum(right) / len(true),
        "FGA": 2 * len(right) / (len(together) + len(sizes)),
        "PA": same / len(true),
        "FTA": 2 * exact / (len(truths_of) + len(set(wanted))),
    }


def spelling(pattern: str) -> str:
    """Write a pattern as Loghub's evaluation does: a word with a slot is one, and so are slots in a row."""
    text = SLOT.sub("<*>", " ".join(pattern.split()))
    words = DELIMITERS.split(text)
    text = "".join(
        "<*>" if word.isdigit() or ("<*>" in word and "/" not in word) else word for word in words
    )
    text = re.sub(r"<\*>(?:[.:#/@]?<\*>)+", "<*>", text)
    return re.sub(r"""(["'])<\*>\1""", "<*>", text)


if __name__ == "__main__":
    main()
