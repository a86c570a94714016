"""The filter text: a small query language for log lines, implemented in Python and in the page (`js/src/query/`).

`grammar.ebnf` is its grammar; `tests/fixtures/filter_cases.json` has the cases that both implementations must agree on.
"""

from flowrun_widgets.query.attempts import attempts_of, running_times
from flowrun_widgets.query.grammar import parse
from flowrun_widgets.query.query import Query
from flowrun_widgets.query.rewrite import with_term, without_key, without_term
from flowrun_widgets.query.suggest import nearest, suggest
from flowrun_widgets.query.terms import Named, Pattern, Term, Text, TimeRange, Value

__all__ = [
    "Named",
    "Pattern",
    "Query",
    "Term",
    "Text",
    "TimeRange",
    "Value",
    "attempts_of",
    "nearest",
    "parse",
    "running_times",
    "suggest",
    "with_term",
    "without_key",
    "without_term",
]
