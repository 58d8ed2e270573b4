"""Who votes: an unguessable number that the browser keeps in a cookie, so that a reload is the same voter."""

import re
import secrets

import streamlit as st

_COOKIE = "einstyle_voter"
_SESSION = "voter"
_VALID = re.compile(r"[\w-]{22}", re.ASCII)

# The browser decides: of two tabs that open at once the second finds the cookie of the first, and both are one voter.
# Where cookies are off, the number lasts as long as the session.
_JS = """
export default function ({ data, setStateValue }) {
  const found = document.cookie.match(/(?:^|; )einstyle_voter=([\\w-]{22})(?:;|$)/);
  const id = found ? found[1] : data.fresh;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `einstyle_voter=${id}; path=/; max-age=31536000; SameSite=Lax${secure}`;
  setStateValue("id", id);
}
"""

_component = st.components.v2.component("einstyle_voter_id", js=_JS)


def identify() -> str | None:
    """The browser's number; None in a browser's very first run, which the number's arrival repeats at once.

    It is a secret of the browser's: store :func:`einstyle_core.ballots.store.voter_key` of it, never the number.
    """
    for known in (st.session_state.get(_SESSION), st.context.cookies.get(_COOKIE)):
        if isinstance(known, str) and _VALID.fullmatch(known):
            st.session_state[_SESSION] = known
            return known
    fresh = st.session_state.setdefault("voter_fresh", secrets.token_urlsafe(16))
    found = _component(key="voter-id", data={"fresh": fresh}, on_id_change=lambda: None).id
    if not isinstance(found, str) or not _VALID.fullmatch(found):
        return None
    st.session_state[_SESSION] = found
    return found
