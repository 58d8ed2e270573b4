"""Every vote of a ballot as a table for a spreadsheet."""

import csv
import io
from collections.abc import Sequence

from einstyle_core.ballots.model import Ballot, Choice
from einstyle_core.ballots.store import VoteRow
from einstyle_core.exports import csv_safe

_COLUMNS = ("pair", "name", "A", "B", "voter", "seen first", "choice", "chosen", "dealt at (UTC)", "answered at (UTC)")
_VOTER_DIGITS = 12  # enough to tell voters apart


def csv_bytes(ballot: Ballot, rows: Sequence[VoteRow]) -> bytes:
    """UTF-8 with a byte order mark (spreadsheets need it): one row a vote, in the order in which they came."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    entries = {entry.number: entry for entry in ballot.pairs}
    for row in rows:
        entry, answer = entries[row.pair], row.answer
        captions = {Choice.A: entry.captions[0], Choice.B: entry.captions[1]}
        choice = answer.choice or Choice.SKIP
        writer.writerow(
            [
                row.pair,
                csv_safe(entry.heading),
                *(csv_safe(caption) for caption in entry.captions),
                row.voter[:_VOTER_DIGITS],
                answer.first.upper(),
                choice.upper() if choice in captions else choice,
                csv_safe(captions.get(choice, "")),
                row.dealt_at.isoformat(timespec="seconds"),
                answer.answered_at.isoformat(timespec="milliseconds") if answer.answered_at else "",
            ]
        )
    return buffer.getvalue().encode("utf-8-sig")
