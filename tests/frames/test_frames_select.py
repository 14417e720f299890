"""JMESPath: what it selects, what is refused before anything is sent, and what fails on an answer."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import ApigwError, CommandError, FrameError
from apigw_magic.frames import check_query, select

if TYPE_CHECKING:
    from apigw_magic.models import Json

BOATS: Json = {
    "boats": [
        {"hull": "A1", "crew": 4, "port": {"code": "OSL"}, "id": 2**70},
        {"hull": "B2", "crew": 2, "port": None, "id": -(2**70)},
        {"hull": "C3", "port": {"code": "BGO"}, "x": 0.1},
    ],
    "order-id": 7,
    "mixed": [1, "2", 3],
    "infinite": math.inf,
    "huge": [10**400, 1],
}

SELECTED = [
    ("boats[].hull", ["A1", "B2", "C3"]),
    ("boats[?crew > `2`].{hull: hull, code: port.code}", [{"hull": "A1", "code": "OSL"}]),
    ("boats[?hull == 'B2'] | [0].id", -(2**70)),
    ("sum(boats[:2].id)", 0),
    ("max(boats[:2].id)", 2**70),
    ("boats[2].x", 0.1),
    ('"order-id"', 7),
    ("huge[0]", 10**400),
    ("sort_by(boats, &hull)[-1].hull", "C3"),
    ("map(&length(hull), boats)", [2, 2, 2]),
    ("length(boats)", 3),
    ("length( keys( @ ) )", 5),
    ("merge(boats[0].port, {a: `1`})", {"code": "OSL", "a": 1}),
    ("not_null(nothing, boats[9], 'x')", "x"),
    ("boats[::2].hull", ["A1", "C3"]),
    ("boats[?type(crew) == 'number' && crew > `2`].hull", ["A1"]),
    ("boats[?hull == `A1`].crew", [4]),
    ("nothing.here", None),
    ("@", BOATS),
]

REFUSED = [
    # query, what, why or fix
    ("", "--query is empty.", "Write for example"),
    (" ", "ends too early: something is missing.", "Write for example"),
    ("boats[", "ends too early: something is missing after boats[.", "Write for example"),
    ("boats.", "ends too early", "Write for example"),
    ("boats[?crew > 2]", "from character 15 on: 2]", "A number stands in backquotes"),
    ("boats.0", "from character 7 on: 0", "[0]"),
    ("order-id", "from character 6 on: -id", 'in double quotes: "order-id"'),
    ("skip.navn_på", "from character 12 on: \\xe5", "in double quotes"),
    ("$.boats", "from character 1 on: $.boats", "no $"),
    ("boats[?hull = 'A1']", "from character 13 on: = 'A1']", "Equal is =="),
    ("boats[?hull == 'A1]", "from character 16 on: 'A1]", "not closed"),
    ("boats.'hull'", "from character 7 on: 'hull'", "Single quotes are for texts"),
    ("boats[].{hull, crew}", "from character 14 on: , crew}", "each value has a name"),
    ('"length"(boats)', '"length"(boats)', "without quotes"),
    ("boats]", "from character 6 on: ]", "Write for example"),
    ("boats[?crew > `2`]\n.hull)", "on: )", "Write for example"),
    ("lenght(boats)", "no function lenght() (character 1).", "Did you mean length()?"),
    ("boats[].frobnicate_all(@)", "no function frobnicate_all() (character 9).", "There are abs, avg,"),
    ("length(boats, crew)", "length() takes 1 argument, not 2 (character 1).", "Write length(Items)"),
    ("boats.not_null()", "not_null() takes at least 1 argument, not 0 (character 7).", "Write not_null(Items)"),
    ("sort_by(boats, hull)", "argument 2 of sort_by() is an expression after &", "Write sort_by(Items, &price)"),
    ("map(boats, &hull)", "argument 1 of map() is an expression after &", "Write map(&price, Items)"),
    ("to_array(&hull)", "argument 1 of to_array() is not an expression after &", "Write to_array(Items)"),
    ("[&hull]", "& stands only before an argument", "sort_by"),
    ("boats[::0]", "the step of a slice cannot be 0", "[::2]"),
    ("boats[" + "9" * 5000 + "]", "a number that is too long", "Write for example"),
    ("(" * 5000, "more levels than", "Write for example"),
    ("|".join("a" * 5000), "more levels than", "Write for example"),
    ("`" + "[" * 50_000 + "`", "more levels than", "Write for example"),
    ("\ud83d", "from character 1 on: \\ud83d", "in double quotes"),
]

FAILS = [
    # query, what, why
    ("length(nothing)", "length() was given null.", "a path gives that leads nowhere"),
    ("sum(mixed)", 'sum() was given a text: "2".', "It takes a list of numbers."),
    ("sort(boats)", "sort() was given an object.", "a list of texts or a list of numbers"),
    ("sort_by(boats, &crew)", "sort_by() was given null.", "It takes a number."),
    ("max_by(mixed, &@)", "max_by() ", "str"),
    ("join(`1`, boats[].hull)", "join() was given a number.", "It takes a text."),
    ("abs(`true`)", "abs() was given a boolean.", "It takes a number."),
    ("keys(boats)", "keys() was given a list.", "It takes an object."),
    ("merge(@, boats)", "merge() was given a list.", "It takes an object."),
    ("contains('abc', `1`)", "contains() fails on this answer.", "Python says"),
    ("ceil(infinite)", "ceil() fails on this answer.", "infinity"),
    ("avg(huge)", "avg() fails on this answer.", "too large"),
    ("mixed[?@ > `1`]", "compares a text with a number", "Ask for the type first"),
]


@pytest.mark.parametrize(("query", "selected"), SELECTED)
def test_values_are_those_of_the_document(query: str, selected: object) -> None:
    """A query selects; integers of any size and floats are what they were."""
    check_query(query)
    got = select(BOATS, query)
    assert got == selected
    assert type(got) is type(selected)


@pytest.mark.parametrize(("query", "what", "hint"), REFUSED)
def test_a_query_that_cannot_work_is_refused(query: str, what: str, hint: str) -> None:
    """The error names the place and says what to write, in at most three short lines."""
    with pytest.raises(CommandError) as caught:
        check_query(query)
    assert what in caught.value.what
    assert hint in "\n".join(caught.value.lines[1:])
    assert len(str(caught.value).splitlines()) == len(caught.value.lines) <= 3
    assert len(str(caught.value)) < 400
    with pytest.raises(CommandError):
        select(BOATS, query)


@pytest.mark.parametrize(("query", "what", "why"), FAILS)
def test_what_fails_on_an_answer_is_explained(query: str, what: str, why: str) -> None:
    """The error names the function and says why, a line each."""
    check_query(query)
    with pytest.raises(FrameError) as caught:
        select(BOATS, query)
    assert what in caught.value.what
    assert why in "\n".join(caught.value.lines[1:])
    assert len(str(caught.value).splitlines()) == len(caught.value.lines) <= 3


def test_a_value_is_shown_in_short() -> None:
    """A long text of the answer does not fill the cell."""
    with pytest.raises(FrameError) as caught:
        select({"a": ["x\n" * 5000]}, "sum(a)")
    assert len(str(caught.value)) < 200
    assert len(caught.value.what.splitlines()) == 1


def test_a_deep_document_is_no_crash() -> None:
    """A function that walks a document deeper than Python recurses says so."""
    deep: Json = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(FrameError, match="nested too deep"):
        select(deep, "to_string(@)")
    while isinstance(deep, list) and deep:  # or its destruction recurses
        deep = deep.pop()


def test_a_query_of_many_levels_is_evaluated() -> None:
    """What is accepted can be evaluated, at the bottom of a deep stack too."""

    def call(levels: int, query: str) -> Json:
        return call(levels - 1, query) if levels else select([["x"]], query)

    for query in ("map(&" * 70 + "@" + ", @)" * 70, " || ".join(["a"] * 290 + ["`1`"]), "(" * 100 + "@" + ")" * 100):
        check_query(query)
        with contextlib.suppress(FrameError):  # there are not 70 levels of lists
            call(150, query)


SIGNS = [*"[]{}()|&!.,:*@`'\"=<-$ é", "[]", "[?", "||", "&&", "==", "-1", "0", "`1`", "'a'"]
PIECES = st.sampled_from(["boats", "hull", "sort_by(", "length(", "map(&", "merge(", *SIGNS])


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=10).map("".join) | st.text(max_size=10))
def test_nothing_but_our_errors_is_raised(query: str) -> None:
    """Any text is a query, or an error of ours; what is accepted gives a document or a `FrameError`."""
    with contextlib.suppress(ApigwError):
        check_query(query)
        selected = select(BOATS, query)
        assert selected is None or isinstance(selected, bool | int | float | str | list | dict)
