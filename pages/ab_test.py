"""A/B test: two versions, a link for the group, and what can honestly be said about which one they prefer."""

import streamlit as st

from pages.ballots import drafting, links, owning, results, voting
from pages.shared import shell

LEAD = (
    "Which of two versions does your group prefer? Send them a link. Nobody sees which picture is A and which is B, "
    "and the result says when it is safe to decide."
)
ballot, owner, reader = (st.query_params.get(view) for view in (links.VOTE, links.OWNER, links.RESULTS))
shell.begin("A/B test", "" if ballot or owner or reader else LEAD)
if ballot:
    voting.show(ballot)
elif owner:
    owning.show(owner)
elif reader:
    results.show(reader)
else:
    drafting.show()
if not ballot:
    shell.footer("only those that you put into a ballot are stored with it, until it is deleted.")
