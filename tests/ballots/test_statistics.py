"""Counts to conclusions, against values worked out by hand and against simulation."""

import datetime
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einstyle_core.ballots.model import Ballot, Choice, PairEntry
from einstyle_core.ballots.results import Tally, conclude, names, plan, spell, spell_sides
from einstyle_core.ballots.statistics import (
    Verdict,
    confidence_for,
    judge,
    power,
    share,
    votes_needed,
)

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def ballot(questions: int = 1, *, aa: bool = False, closed: bool = False, planned: float = 0.7) -> Ballot:
    entries = [PairEntry(n, f"Pair {n}", ("Red", ""), ((), ()), False) for n in range(1, questions + 1)]
    if aa:
        entries.append(PairEntry(questions + 1, "A/A check", ("Red", "Red"), ((), ()), True))
    return Ballot("x" * 22, "Which?", planned, NOW, NOW if closed else None, tuple(entries))


def tally(pair: int, a: int, b: int, none: int = 0, skip: int = 0, a_first: int = 0) -> Tally:
    """``a_first`` of the votes for A saw A first, all others saw B first."""
    return Tally(
        pair,
        {
            (Choice.A, Choice.A): a_first,
            (Choice.A, Choice.B): a - a_first,
            (Choice.B, Choice.B): b,
            (Choice.NONE, Choice.A): none,
            (Choice.SKIP, Choice.B): skip,
        },
    )


def test_the_interval_is_clopper_and_pearsons() -> None:
    # Their definition: at each end a tail of exactly 2.5 %. Of 0 in 10: (1 - high) ** 10 = 0.025.
    none = share(0, 10)
    assert (none.low, none.high) == pytest.approx((0, 1 - 0.025**0.1))
    some = share(7, 10)
    tail = sum(comb(10, k) * some.low**k * (1 - some.low) ** (10 - k) for k in range(7, 11))
    assert tail == pytest.approx(0.025)
    tail = sum(comb(10, k) * some.high**k * (1 - some.high) ** (10 - k) for k in range(8))
    assert tail == pytest.approx(0.025)


def test_nobody_means_anything() -> None:
    assert (share(0, 0).low, share(0, 0).high, share(0, 0).value) == (0, 1, 0.5)
    with pytest.raises(ValueError, match="3 of 2"):
        share(3, 2)


@given(st.integers(1, 300), st.data())
def test_an_interval_contains_its_share_and_mirrors(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    this, other = share(count, n), share(n - count, n)
    assert this.low <= this.value <= this.high
    assert (this.low, this.high) == pytest.approx((1 - other.high, 1 - other.low))
    tail = sum(comb(n, k) for k in range(max(count, n - count), n + 1)) / 2**n
    assert this.excludes_half == (2 * tail < 0.05)


@pytest.mark.parametrize(("n", "first_that_wins"), [(5, None), (6, 6), (10, 9), (20, 15)])
def test_when_a_majority_is_more_than_chance(n: int, first_that_wins: int | None) -> None:
    """Two tails of six of six are 2/64 = 3.1 %, of five of five 6.3 %."""
    winning = [count for count in range(n // 2 + 1, n + 1) if share(count, n).excludes_half]
    assert winning == ([] if first_that_wins is None else list(range(first_that_wins, n + 1)))


def test_power_is_the_chance_of_a_finding() -> None:
    # Six votes find something only if all agree: 0.9 ** 6 + 0.1 ** 6.
    assert power(np.array([5, 6]), 0.9) == pytest.approx([0, 0.9**6 + 0.1**6])


@pytest.mark.parametrize(("true_share", "confidence"), [(0.7, 0.95), (0.6, 0.95), (0.8, 0.99), (0.52, 0.95)])
def test_the_number_told_in_advance_is_enough_and_no_more(true_share: float, confidence: float) -> None:
    needed = votes_needed(true_share, confidence)
    later = power(np.arange(needed, needed + 500), true_share, confidence)
    assert later.min() >= 0.8
    assert power(needed - 1, true_share, confidence) < 0.8


def test_the_planned_power_shows_in_a_simulation() -> None:
    needed, random = votes_needed(0.7), np.random.default_rng(0)
    winning = [count for count in range(needed + 1) if judge(share(count, needed), needed) is Verdict.A]
    assert 0.79 < np.isin(random.binomial(needed, 0.7, 20_000), winning).mean() < 0.9


def test_without_a_preference_few_ballots_name_a_winner() -> None:
    """All pairs of a ballot together, whatever their number."""
    random = np.random.default_rng(1)
    for questions in (1, 4):
        confidence, needed = confidence_for(questions), plan(0.7, questions)
        verdicts = {count: judge(share(count, needed, confidence), needed) for count in range(needed + 1)}
        draws = random.binomial(needed, 0.5, (20_000, questions))
        named = np.isin(draws, [count for count, verdict in verdicts.items() if verdict is not Verdict.NO_DIFFERENCE])
        assert named.any(1).mean() < 0.05


@pytest.mark.parametrize("outside", [0.5, 0.51, 1, 0])
def test_a_preference_that_cannot_be_planned_is_refused(outside: float) -> None:
    with pytest.raises(ValueError, match="between"):
        votes_needed(outside)


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (53, 0, Verdict.NOT_ENOUGH),
        (54, 0, Verdict.A),
        (0, 54, Verdict.B),
        (27, 27, Verdict.NO_DIFFERENCE),
        (34, 20, Verdict.NO_DIFFERENCE),
        (35, 19, Verdict.A),  # two tails of 35 of 54: 4.0 %; of 34: 7.6 %
    ],
)
def test_verdicts(a: int, b: int, verdict: Verdict) -> None:
    results = conclude(ballot(), [tally(1, a, b, none=500, skip=500)], 1)
    assert results.needed == 54
    assert results.pairs[0].verdict is verdict


def test_more_pairs_need_more_votes_each_and_an_aa_pair_none() -> None:
    one, four = conclude(ballot(), [], 0), conclude(ballot(4, aa=True), [], 0)
    assert four.needed > one.needed == conclude(ballot(aa=True), [], 0).needed
    assert four.questions[0].preferred_a.confidence == pytest.approx(1 - 0.05 / 4)


@pytest.mark.parametrize(
    ("given", "closed", "expected"),
    [
        ((0, 0), False, "Not enough votes yet: 0 of the 54 needed."),
        (
            (6, 2),
            False,
            "Not enough votes yet: 8 of the 54 needed. So far 6 of 8 for A (Red): anything from 35 % to 97 %.",
        ),
        (
            (6, 2),
            True,
            "Closed before enough votes came: 8 of the 54 needed. Nothing can be concluded. So far 6 of 8 for A (Red): "
            "anything from 35 % to 97 %.",
        ),
        ((40, 14), False, "A (Red) is preferred: 40 of 54 (74 %; 60 % to 85 %)."),
        ((14, 40), False, "B is preferred: 40 of 54 (74 %; 60 % to 85 %)."),
        (
            (27, 27),
            True,
            "No clear preference: 27 of 54 for A (Red), so 36 % to 64 %. A preference of 70 % would have shown in four "
            "of five such ballots.",
        ),
    ],
)
def test_a_verdict_in_words(given: tuple[int, int], closed: bool, expected: str) -> None:
    results = conclude(ballot(closed=closed), [tally(1, *given)], 1)
    assert spell(results.pairs[0], results) == expected


def test_a_side_that_is_favoured_is_told() -> None:
    fair = conclude(ballot(2), [tally(1, 30, 15, a_first=15), tally(2, 15, 0, a_first=0)], 1)
    assert (fair.first.count, fair.first.n) == (30, 60)
    assert spell_sides(fair).startswith("No side was favoured: 30 of 60")
    lazy = conclude(ballot(2), [tally(1, 20, 10, a_first=20), tally(2, 10, 0, a_first=10)], 1)
    assert spell_sides(lazy).startswith("People favoured a side: 40 of 40")
    assert spell_sides(conclude(ballot(), [], 0)).startswith("No votes yet")


def test_few_votes_clear_nobody_of_favouring_a_side() -> None:
    """54 votes are those that would show a preference of 70 %."""
    for votes in (1, 4, 52):
        few = conclude(ballot(), [tally(1, votes, 0, a_first=votes // 2)], votes)
        assert spell_sides(few).startswith(
            f"Too few votes to tell whether people favour a side: {votes // 2} of {votes}"
        )
    enough = conclude(ballot(), [tally(1, 54, 0, a_first=27)], 54)
    assert spell_sides(enough).startswith("No side was favoured: 27 of 54")


def test_an_aa_pair_with_a_winner_spoils_the_ballot() -> None:
    good = conclude(ballot(aa=True), [tally(2, 14, 10, none=30)], 1)
    assert good.sanity is not None
    assert (
        spell(good.sanity, good)
        == "Two equal pictures got 14 to 10, and 30 without a preference: no winner, as it must be."
    )
    few = conclude(ballot(aa=True), [tally(2, 1, 0, none=2)], 1)
    assert few.sanity is not None
    assert spell(few.sanity, few).startswith(
        "Two equal pictures got 1 to 0, and 2 without a preference: too few votes to tell."
    )
    bad = conclude(ballot(aa=True), [tally(2, 18, 2)], 1)
    assert bad.sanity is not None
    assert "Trust none" in spell(bad.sanity, bad)
    assert "No votes yet" in spell(conclude(ballot(aa=True), [], 0).pairs[1], bad)


def test_pairs_of_one_name_are_told_apart_and_colours_stand_once() -> None:
    codes = (("#9a3b3b",), ("#3c6e71",))
    first, second = (PairEntry(n, "dress.png", ("#9a3b3b", "Teal"), codes, False) for n in (1, 2))
    assert [entry.heading for entry in (first, second)] == ["Pair 1: dress.png", "Pair 2: dress.png"]
    assert ballot(aa=True).pairs[0].heading == "Pair 1"
    assert ballot(aa=True).pairs[1].heading == "A/A check"
    assert first.labels == ("", "Teal")


def test_names_have_captions_where_there_are_some() -> None:
    assert names(ballot().pairs[0]) == ("A (Red)", "B")
