"""The keyboard's place on a voter's page: it stays where it was when one pair makes way for the next."""

import streamlit as st

# A pair's buttons are new elements, so that a second click of a double click falls on nothing. With the old button the
# browser forgets where the keyboard was; the button of the same name gets it back, once no key is held down: a held
# Enter must not vote on.
_JS = """
const main = () => document.querySelector("[data-testid=stMain]");
const inMain = (words) => [...main().querySelectorAll(`:is(${words}) button:not(:disabled)`)];

export default function ({ parentElement }) {
  if (parentElement.watching) return;
  parentElement.watching = true;
  let last = null, name = "", held = false, timer = 0;
  const lost = () => last && document.activeElement === document.body && (!last.isConnected || last.disabled);
  const look = () => {
    if (held || !lost()) return;
    const voting = inMain(".st-key-ballot-buttons, .st-key-undo, [class*=st-key-say-skip]");
    const next = voting.find((button) => button.textContent === name) ?? voting[0];
    next?.focus();
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(look, 120); };
  const onFocus = ({ target }) => { last = target; name = target.textContent; };
  const onClick = ({ target }) => { if (!target.closest?.("button")) last = null; };
  const onDown = () => { held = true; };
  const onUp = () => { held = false; soon(); };
  document.addEventListener("focusin", onFocus);
  document.addEventListener("pointerdown", onClick);
  document.addEventListener("keydown", onDown);
  document.addEventListener("keyup", onUp);
  const observer = new MutationObserver(soon);
  observer.observe(main(), { childList: true, subtree: true, attributeFilter: ["disabled"] });
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener("focusin", onFocus);
    document.removeEventListener("pointerdown", onClick);
    document.removeEventListener("keydown", onDown);
    document.removeEventListener("keyup", onUp);
    parentElement.watching = false;
  };
}
"""

_component = st.components.v2.component("einstyle_voting_focus", js=_JS)


def keep() -> None:
    """Watch over the keyboard's place, from this run on."""
    _component(key="voting-focus")
