"""A/B ballots: two pictures, a group of people, and what can honestly be said about which one they prefer.

:mod:`~einstyle_core.ballots.statistics` are pure functions of counts; what is stored goes through one class,
:class:`~einstyle_core.ballots.store.BallotStore`, on SQLite or PostgreSQL.
"""

from einstyle_core.ballots.model import Option, Pair

__all__ = ["Option", "Pair"]
