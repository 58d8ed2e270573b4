"""What leaves the house: the decision sheet and the table of votes."""

import csv
import datetime
import html.parser
import io

import numpy as np
import pytest
from PIL import Image

from einstyle_core import images
from einstyle_core.ballots import sheet, table
from einstyle_core.ballots.model import Keys, Option, Pair, Said
from einstyle_core.ballots.pictures import MAX_SIDE, PNG_BYTES, prepare
from einstyle_core.ballots.store import BallotStore
from tests.ballots.crowds import picture

NOW = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC)
EVIL = "<script>alert(1)</script>\"'&"


@pytest.fixture
def keys(store: BallotStore) -> Keys:
    big = images.png_bytes(Image.new("RGB", (300, 400), (200, 30, 30)))
    return store.create(
        EVIL,
        [
            Pair(Option(big, "=cmd()", ("#c81e1e", EVIL)), Option(picture(), EVIL, ("#3c6e71",)), EVIL),
            Pair(Option(big), Option(big)),
        ],
        planned_share=0.8,
        with_aa=True,
    )


def fill(store: BallotStore, keys: Keys, voters: int) -> None:
    """Everybody prefers B of the first pair."""
    for number in range(voters):
        for answer in store.deal(keys.ballot_id, f"v{number}"):
            wanted = Said.SECOND if answer.first == "a" else Said.FIRST
            store.vote(keys.ballot_id, f"v{number}", answer.pair, wanted if answer.pair == 1 else Said.NONE)


class Reader(html.parser.HTMLParser):
    """What a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_html_sheet_has_it_all_and_runs_nothing(store: BallotStore, keys: Keys) -> None:
    fill(store, keys, 40)
    results = store.results(store.ballot(keys.ballot_id))
    pictures = {number: store.pictures(keys.ballot_id, number) for number in (1, 2, 3)}
    reader = Reader()
    reader.feed(sheet.html_bytes(results, pictures, NOW).decode())
    found = [attributes for tag, attributes in reader.tags if tag == "img"]
    assert len(found) == 6
    assert all((attributes["src"] or "").startswith("data:image/png;base64,") for attributes in found)
    assert [attributes["class"] for attributes in found[:2]] == ["", "pixels winner"]
    assert not {tag for tag, _ in reader.tags} & {"script", "iframe", "link", "object"}
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    for words in (
        EVIL,
        "#c81e1e",
        "#3c6e71",
        "is preferred: 40 of 40 (100 %",
        "n = 40 decided",
        "2026-01-02 03:04 UTC",
    ):
        assert words in reader.text
    assert "Pair 1: " + EVIL in reader.text
    assert reader.text.count("all for A") == 3
    (bar,) = [attributes["style"] for tag, attributes in reader.tags if tag == "b"][:1]
    assert bar == "right:0.0%"  # all for B, whose picture and end are on the right
    backgrounds = [attributes["style"] for tag, attributes in reader.tags if attributes.get("class") == "swatch"]
    of_a = ["background:#c81e1e", "background:#000000"]  # what is no colour is black, and never a style
    assert backgrounds == [*of_a, "background:#3c6e71", *of_a, *of_a]


def test_the_png_sheet_is_a_page_with_the_pictures_on_it(store: BallotStore, keys: Keys) -> None:
    fill(store, keys, 3)
    results = store.results(store.ballot(keys.ballot_id))
    pictures = {number: store.pictures(keys.ballot_id, number) for number in (1, 2, 3)}
    page = np.asarray(images.decode(sheet.png_bytes(results, pictures, NOW)).convert("RGB"))
    assert page.shape[1] == 1240
    assert 3 * 300 < page.shape[0] < 3 * 700
    red = (page == (200, 30, 30)).all(2).sum()
    assert red == pytest.approx(5 * 225 * 300, rel=0.03)  # A, the second pair's two, and the A/A pair's two
    assert (page[-30:] == 255).all()


def test_the_line_of_shares_ends_below_the_pictures_as_they_stand(store: BallotStore, keys: Keys) -> None:
    """All votes are for B: its mark is at the right end."""
    fill(store, keys, 40)
    results = store.results(store.ballot(keys.ballot_id))
    page = Image.new("RGB", (sheet._WIDTH, 120), "white")
    sheet._draw_bar(sheet._Pen(page), results.pairs[0])
    mark = (np.asarray(page) == (0x9A, 0x3B, 0x3B)).all(2)
    assert mark.any(axis=0).nonzero()[0].mean() == pytest.approx(sheet._WIDTH - sheet._MARGIN, abs=3)


def test_a_sheet_with_letters_of_many_kinds_and_no_end() -> None:
    lines = sheet._wrapped("Ж" * 400 + " 服 " + "word " * 50, sheet._font(20), 300)
    assert all(sheet._font(20).getlength(line) <= 300 for line in lines)
    assert "".join(lines).replace(" ", "") == "Ж" * 400 + "服" + "word" * 50


def test_the_table_has_every_vote_and_no_formula(store: BallotStore, keys: Keys) -> None:
    fill(store, keys, 2)
    ballot = store.ballot(keys.ballot_id)
    content = table.csv_bytes(ballot, store.export(keys.ballot_id)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert len(rows) == 6
    assert len({row["voter"] for row in rows}) == 2
    assert {row["name"] for row in rows} == {f"Pair 1: {EVIL}", "Pair 2", "A/A check"}
    ours = [row for row in rows if row["pair"] == "1"]
    assert [(row["choice"], row["chosen"], row["A"]) for row in ours] == [("B", EVIL, "'=cmd()")] * 2
    assert {row["choice"] for row in rows if row["pair"] != "1"} == {"none"}
    assert {row["seen first"] for row in rows} <= {"A", "B"}
    for row in rows:
        answered = datetime.datetime.fromisoformat(row["answered at (UTC)"])
        assert answered.utcoffset() == datetime.timedelta(0)


def test_ten_thousand_votes_are_counted_and_exported(store: BallotStore) -> None:
    from sqlalchemy import insert

    from einstyle_core.ballots import schema

    keys = store.create("Many", [Pair(Option(picture()), Option(picture(9)))])
    votes = [
        {
            "ballot_id": keys.ballot_id,
            "pair": 1,
            "voter": f"v{number}",
            "first": "ab"[number % 2],
            "dealt_at": NOW,
            "choice": ("a", "a", "b", "none")[number % 4],
            "answered_at": NOW,
        }
        for number in range(10_000)
    ]
    with store._writing() as connection:
        connection.execute(insert(schema.votes), votes)
    results = store.results(store.ballot(keys.ballot_id))
    assert (results.voters, results.pairs[0].preferred_a.count, results.pairs[0].preferred_a.n) == (10_000, 5000, 7500)
    content = table.csv_bytes(results.ballot, store.export(keys.ballot_id))
    assert content.count(b"\r\n") == 10_001


def test_a_picture_is_bounded_upright_and_without_its_place() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2000, 3000, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "at home"
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", exif=exif)
    stored = prepare(buffer.getvalue())
    with Image.open(io.BytesIO(stored.content)) as image:
        assert not image.getexif()
        assert image.height == MAX_SIDE > image.width
    assert b"at home" not in stored.content
    assert stored.media_type == "image/jpeg"
    assert len(stored.content) < 3 * PNG_BYTES


def test_a_transparent_picture_lies_on_white_and_a_small_one_stays_exact() -> None:
    clear = Image.new("RGBA", (28, 28), (10, 20, 30, 0))
    clear.putpixel((3, 4), (10, 20, 30, 255))
    stored = prepare(images.png_bytes(clear))
    assert stored.is_pixel_art
    assert (stored.open().getpixel((0, 0)), stored.open().getpixel((3, 4))) == ((255, 255, 255), (10, 20, 30))
    assert prepare(stored.content) == stored
