"""What came out: a verdict for each pair, the checks, and the decision sheet."""

import datetime

import streamlit as st

from einstyle_core.ballots import sheet
from einstyle_core.ballots.model import Ballot
from einstyle_core.ballots.results import PairResult, Results, spell, spell_method, spell_sides
from einstyle_core.ballots.statistics import Verdict
from einstyle_core.exports import title_stem
from pages.ballots import figure, look, votes
from pages.shared import figures
from pages.shared.text import code, plain


def show(token: str) -> None:
    """The results for whoever has the link to them."""
    st.html(look.READING)
    with votes.told():
        ballot = votes.store().ballot_of_results(token)
        st.subheader(plain(ballot.title), anchor=False)
        follow(ballot)


def follow(ballot: Ballot) -> None:
    """The results, those of a ballot that was open anew every ten seconds; and the decision sheet."""
    st.fragment(_show, run_every=10 if ballot.is_open else None)(ballot.id)
    # Outside of the fragment: its every run would take away the files behind the buttons, one may just be clicked.
    _offer_sheet(ballot)


def _show(ballot_id: str) -> None:
    with votes.told():
        ballot = votes.store().ballot(ballot_id)
        results = votes.store().results(ballot)
        people = "Nobody has voted yet" if not results.voters else f"**{results.voters}** voted"
        people = people.replace("**1** voted", "**1** person voted")
        state = "Open: new votes show here by themselves." if ballot.is_open else "Closed."
        st.markdown(f"{people}. {state}")
        for result in results.questions:
            _show_pair(result, results)
        st.markdown("**Can this be trusted?**")
        st.markdown(plain(spell_sides(results)))
        if results.sanity:
            _show_pair(results.sanity, results)
        st.caption(plain(spell_method(results)))


def _show_pair(result: PairResult, results: Results) -> None:
    entry = result.entry
    with st.container(border=True, key=f"ab-result-{entry.number}"):
        st.markdown(f"**{plain(entry.heading)}**")
        st.markdown(plain(spell(result, results)))
        if not entry.is_aa:
            st.plotly_chart(
                figure.share_bar(result.preferred_a),
                key=f"share-{entry.number}",
                config=figures.STILL,
                alt=f"A has {result.preferred_a.count} of {result.preferred_a.n} decided votes",
            )
        for index, (column, picture) in enumerate(
            zip(st.columns(2), votes.pictures(results.ballot.id, entry.number), strict=True)
        ):
            letter = "AB"[index]
            won = result.verdict is (Verdict.A if letter == "A" else Verdict.B)
            kind = "pixels" if picture.is_pixel_art else "photo"
            with column, st.container(key=f"{kind}-result-{entry.number}-{letter}"):
                st.image(picture.content, width="stretch", alt=f"{letter} of {entry.name}")
                colours = " ".join(code(colour) for colour in entry.colours[index])
                mark = " :material/trophy:" if won else ""
                st.markdown(f"**{letter}**{mark} {plain(entry.labels[index])} {colours}")
        st.caption(sheet.counted(result))


def _offer_sheet(ballot: Ballot) -> None:
    name = title_stem(ballot.title, "ballot")

    def now() -> tuple[Results, sheet.Pictures, datetime.datetime]:
        fresh = votes.store().ballot(ballot.id)
        pictures = {entry.number: votes.pictures(ballot.id, entry.number) for entry in fresh.pairs}
        return votes.store().results(fresh), pictures, datetime.datetime.now(datetime.UTC)

    st.markdown("**The decision on one page**, with pictures, colours, intervals and how it was counted:")
    with st.container(horizontal=True):
        st.download_button(
            "Sheet (PNG)",
            lambda: sheet.png_bytes(*now()),
            f"{name}.png",
            "image/png",
            icon=":material/image:",
            on_click="ignore",
        )
        st.download_button(
            "Sheet (HTML)",
            lambda: sheet.html_bytes(*now()),
            f"{name}.html",
            "text/html",
            icon=":material/description:",
            on_click="ignore",
        )
