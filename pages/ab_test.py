"""A/B test: two versions, a link for the group, and what can honestly be said about which one they prefer."""

import streamlit as st

from pages.ballots import drafting, links, owning, results, voting
from pages.shared import shell

LEAD = (
    "Which of two versions does your group prefer? Send them a link. Nobody sees which picture is A and which is B, "
    "and the result says when it is safe to decide."
)
ballot, owner, reader = (st.query_params.get(view) for view in (links.VOTE, links.OWNER, links.RESULTS))
has_link = (ballot, owner, reader) != (None, None, None)
shell.begin("A/B test", "" if has_link else LEAD)
if ballot is not None:  # an empty one is a link that lost its end, and is told so
    voting.show(ballot)
elif owner is not None:
    owning.show(owner)
elif reader is not None:
    results.show(reader)
else:
    drafting.show()
if ballot is None:
    shell.footer("only those that you put into a ballot are stored with it, until it is deleted.")
