"""What the owner of a ballot sees: the links to give away, the results, and the switch."""

import streamlit as st

from einstyle_core.ballots import table
from einstyle_core.ballots.model import Ballot
from einstyle_core.ballots.store import results_token
from einstyle_core.exports import title_stem
from pages.ballots import links, look, results, votes
from pages.shared.text import plain


def show(token: str) -> None:
    """The owner's view of a ballot."""
    st.html(look.READING)
    with votes.told():
        ballot = votes.store().ballot_of_owner(token)
        st.subheader(plain(ballot.title), anchor=False)
        if st.session_state.pop("ballot_fresh", False):
            st.success("The ballot is open. Send the first link to your group.", icon=":material/how_to_vote:")
        _show_links(ballot, token)
        _show_switches(ballot, token)
        st.divider()
        results.follow(ballot)


def _show_links(ballot: Ballot, token: str) -> None:
    voting = links.to(links.VOTE, ballot.id)
    words, code = st.columns([2, 1], gap="large")
    with words:
        st.markdown("**To vote:** for the group")
        st.code(voting, language=None, wrap_lines=True)
        st.markdown("**To read the results:** for whoever should see them, not for voters who still have to vote")
        st.code(links.to(links.RESULTS, results_token(token)), language=None, wrap_lines=True)
        st.markdown(
            "**To own the ballot:** for you. It closes, reopens and deletes. Keep this page's address: it is the only "
            "key, we store just its fingerprint and cannot give it to you again."
        )
        st.code(links.to(links.OWNER, token), language=None, wrap_lines=True)
    with code, st.container(key="qr"):
        picture = links.qr_png(voting)
        st.image(picture, width="stretch", output_format="PNG", alt="QR code of the link to vote")
        st.download_button(
            "QR code", picture, "ballot-qr.png", "image/png", icon=":material/qr_code_2:", type="tertiary"
        )
    if links.is_private():
        st.warning(
            "These links work on this machine only, because you opened the app as “localhost”. Open it under a name "
            "that the others can reach, and this page shows the links for them.",
            icon=":material/wifi_off:",
        )


def _show_switches(ballot: Ballot, token: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if ballot.is_open:
            if st.button("Close the ballot", icon=":material/lock:"):
                votes.store().close(token)
                st.rerun()
        elif st.button("Reopen the ballot", icon=":material/lock_open:"):
            votes.store().reopen(token)
            st.rerun()
        st.download_button(
            "Votes (CSV)",
            lambda: table.csv_bytes(ballot, votes.store().export(ballot.id)),
            f"{title_stem(ballot.title, 'ballot')}.csv",
            "text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        if st.button("Delete …", icon=":material/delete:", type="tertiary"):
            _confirm_delete(token)


@st.dialog("Delete this ballot?")
def _confirm_delete(token: str) -> None:
    st.markdown("Its pictures and all votes go with it, for good. Take the CSV and the sheet first.")
    with st.container(horizontal=True):
        if st.button("Delete it", type="primary", icon=":material/delete_forever:"):
            with votes.told():
                votes.store().delete(token)
                votes.forget_pictures()
                st.query_params.from_dict({})  # clear() refuses where a widget of another page has left its name
                st.session_state["ballot_gone"] = True
                st.rerun()
        if st.button("Keep it"):
            st.rerun()
