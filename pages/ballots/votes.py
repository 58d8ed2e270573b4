"""The app's one store of votes, and what a page does when it cannot be reached."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from einstyle_core.ballots import database
from einstyle_core.ballots.pictures import Picture
from einstyle_core.ballots.store import BallotStore
from einstyle_core.errors import EinstyleError
from pages.shared.text import plain

_CONNECTION = "votes"


def store() -> BallotStore:
    """The store behind ``EINSTYLE_VOTES_URL``, ``[connections.votes]`` of the secrets, or a SQLite file.

    Raises:
        VoteStoreError: it cannot be reached; the next call tries again.
    """
    return _store(_address())


def pictures(ballot_id: str, pair: int) -> tuple[Picture, Picture]:
    """The pictures of A and of B; every voter asks for the same ones.

    Raises:
        NoBallotError, VoteStoreError: the ballot was deleted, or the store cannot be reached.
    """
    return _pictures(_address(), ballot_id, pair)


def forget_pictures() -> None:
    """What was deleted is not shown from memory either."""
    _pictures.clear()


@contextmanager
def told() -> Iterator[None]:
    """Say what went wrong in a sentence, in the place of what could not be shown."""
    try:
        yield
    except EinstyleError as error:
        st.error(plain(str(error)), icon=":material/cloud_off:")


def _address() -> str:
    secret = None
    if database.VARIABLE not in os.environ and st.secrets.load_if_toml_exists():
        secret = st.secrets.get("connections", {}).get(_CONNECTION, {}).get("url")
    return secret or database.configured_url()


@st.cache_resource(max_entries=2, show_spinner=False)
def _store(address: str) -> BallotStore:
    url = database.parse(address)
    whole = url.render_as_string(hide_password=False)
    connection = st.connection(_CONNECTION, type="sql", url=whole, **database.engine_options(url))
    return BallotStore(connection.engine)


@st.cache_data(max_entries=64, max_size="64mb", ttl=600, show_spinner=False)
def _pictures(address: str, ballot_id: str, pair: int) -> tuple[Picture, Picture]:
    return _store(address).pictures(ballot_id, pair)
