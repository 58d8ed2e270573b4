"""From counts to conclusions: what the owner of a ballot may say about each pair, and whether to trust it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from einstyle_core.ballots.model import Ballot, Choice, PairEntry
from einstyle_core.ballots.statistics import (
    POWER_IN_WORDS,
    Share,
    Verdict,
    confidence_for,
    judge,
    share,
    votes_needed,
)


@dataclass(frozen=True)
class Tally:
    """The votes of one pair.

    Attributes:
        pair: its number.
        counts: votes by (what was chosen, which option was seen first).
    """

    pair: int
    counts: Mapping[tuple[Choice, Choice], int] = field(default_factory=dict)

    def of(self, choice: Choice) -> int:
        """Votes for a choice, whatever was seen first."""
        return sum(count for (chosen, _), count in self.counts.items() if chosen is choice)

    @property
    def decided(self) -> int:
        """Votes for A or for B."""
        return self.of(Choice.A) + self.of(Choice.B)

    @property
    def for_first(self) -> int:
        """Votes for whichever picture was seen first."""
        return sum(count for (chosen, first), count in self.counts.items() if chosen is first)


@dataclass(frozen=True)
class PairResult:
    """What is known about one pair.

    Attributes:
        entry: the pair.
        tally: its votes.
        preferred_a: A's part of the decided votes.
        verdict: what may be said; of an A/A pair always ``NOT_ENOUGH`` or ``NO_DIFFERENCE``.
    """

    entry: PairEntry
    tally: Tally
    preferred_a: Share
    verdict: Verdict


@dataclass(frozen=True)
class Results:
    """What is known about a ballot.

    Attributes:
        ballot: the ballot.
        voters: people who answered at least one pair.
        pairs: one result a pair, by number.
        needed: decided votes that each pair needs, known since the ballot began.
        needed_alone: the same for something judged by itself, such as the side that people favour.
        first: the part of all decided votes that went to the picture seen first (95 %).
    """

    ballot: Ballot
    voters: int
    pairs: tuple[PairResult, ...]
    needed: int
    needed_alone: int
    first: Share

    @property
    def questions(self) -> tuple[PairResult, ...]:
        """The pairs that ask something."""
        return tuple(result for result in self.pairs if not result.entry.is_aa)

    @property
    def sanity(self) -> PairResult | None:
        """The A/A pair, where there is one."""
        return next((result for result in self.pairs if result.entry.is_aa), None)


def plan(planned_share: float, questions: int) -> int:
    """Decided votes that each of ``questions`` pairs needs, so that a preference that strong is found."""
    return votes_needed(planned_share, confidence_for(questions))


def conclude(ballot: Ballot, tallies: Sequence[Tally], voters: int) -> Results:
    """Judge every pair of a ballot. A pair without a tally has no votes."""
    by_pair = {tally.pair: tally for tally in tallies}
    questions = sum(not entry.is_aa for entry in ballot.pairs)
    needed = plan(ballot.planned_share, questions)
    judged = []
    for entry in ballot.pairs:
        tally = by_pair.get(entry.number, Tally(entry.number))
        confidence = confidence_for(1 if entry.is_aa else questions)
        preferred = share(tally.of(Choice.A), tally.decided, confidence)
        judged.append(PairResult(entry, tally, preferred, judge(preferred, 1 if entry.is_aa else needed)))
    decided = sum(result.tally.decided for result in judged)
    first = share(sum(result.tally.for_first for result in judged), decided)
    return Results(ballot, voters, tuple(judged), needed, plan(ballot.planned_share, 1), first)


def spell(result: PairResult, results: Results) -> str:
    """The verdict on a pair as a sentence or two, with its numbers. Captions in it are users' words."""
    a, b = names(result.entry)
    votes, preferred = result.tally.decided, result.preferred_a
    if result.entry.is_aa:
        return _spell_sanity(result, results)
    spread = f"{percent(preferred.low)} to {percent(preferred.high)}"
    if result.verdict is Verdict.NOT_ENOUGH:
        if not results.ballot.is_open:
            head = f"Closed before enough votes came: {votes} of the {results.needed} needed. Nothing can be concluded."
        else:
            head = f"Not enough votes yet: {votes} of the {results.needed} needed."
        return head if not votes else f"{head} So far {preferred.count} of {votes} for {a}: anything from {spread}."
    if result.verdict is Verdict.NO_DIFFERENCE:
        return (
            f"No clear preference: {preferred.count} of {votes} for {a}, so {spread}. A preference of "
            f"{percent(results.ballot.planned_share)} would have shown in {POWER_IN_WORDS} such ballots."
        )
    winner, count = (a, preferred.count) if result.verdict is Verdict.A else (b, votes - preferred.count)
    low, high = (preferred.low, preferred.high) if winner is a else (1 - preferred.high, 1 - preferred.low)
    return f"{winner} is preferred: {count} of {votes} ({percent(count / votes)}; {percent(low)} to {percent(high)})."


def spell_sides(results: Results) -> str:
    """What the side of a picture did, as a sentence."""
    first = results.first
    if not first.n:
        return "No votes yet: whether people favour a side will show here."
    figures = f"{first.count} of {first.n} for the picture seen first, {percent(first.low)} to {percent(first.high)}"
    if first.excludes_half:
        return (
            f"People favoured a side: {figures}. As sides are drawn by lot this is fair to A and B, but it hides small "
            "differences: some people click without looking."
        )
    if first.n < results.needed_alone:
        return f"Too few votes to tell whether people favour a side: {figures}."
    return f"No side was favoured: {figures}."


def spell_method(results: Results) -> str:
    """How it was counted, and what the ranges are."""
    confidence = results.questions[0].preferred_a.confidence
    together = f", as {len(results.questions)} pairs are judged together" if len(results.questions) > 1 else ""
    return (
        f"Blind ballot, sides drawn by lot for each voter. Ranges are exact {100 * confidence:.4g} % intervals "
        f"(Clopper-Pearson){together}. A pair is judged from {results.needed} decided votes on, the number that finds "
        f"a preference of {percent(results.ballot.planned_share)} in {POWER_IN_WORDS} such ballots."
    )


def names(entry: PairEntry) -> tuple[str, str]:
    """``("A", "B")``, with the captions where there are some: ``"A (Red)"``."""
    a, b = (
        f"{letter} ({caption})" if caption else letter for letter, caption in zip("AB", entry.captions, strict=True)
    )
    return a, b


def percent(value: float) -> str:
    """``"58 %"``."""
    return f"{100 * value:.0f} %"


def _spell_sanity(result: PairResult, results: Results) -> str:
    tally, preferred = result.tally, result.preferred_a
    undecided = tally.of(Choice.NONE)
    if not tally.decided + undecided:
        return "No votes yet. Both pictures are the same: nobody can prefer one, so any clear winner is an error."
    figures = f"{preferred.count} to {preferred.n - preferred.count}, and {undecided} without a preference"
    if preferred.excludes_half:
        return f"Two equal pictures got {figures}: that is more than chance. Trust none of this ballot's results."
    if tally.decided + undecided < results.needed_alone:
        return f"Two equal pictures got {figures}: too few votes to tell. Any clear winner would be an error."
    return f"Two equal pictures got {figures}: no winner, as it must be."
