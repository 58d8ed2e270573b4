"""A group votes: each person a browser of their own, one for the owner, one who only reads the result."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, OpenPage, running_app, settled

EVIL = "<img src=x onerror=alert(1)>Which?"


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two versions of a photo, large as from a phone, and a third."""
    folder = tmp_path_factory.mktemp("versions")
    paths = []
    for name, colour in (("red dress", "#b03a3a"), ("teal dress", "#2f7f86"), ("ochre dress", "#c08a3e")):
        image = Image.new("RGB", (1500, 2000), (236, 230, 220))
        shape = [(600, 300), (900, 300), (1000, 800), (1250, 1850), (250, 1850), (500, 800)]
        ImageDraw.Draw(image).polygon(shape, fill=colour)
        image.save(folder / f"{name}.jpg", quality=95)
        paths.append(folder / f"{name}.jpg")
    return paths


def choose(page: Page, letter: str, path: Path) -> None:
    place = page.get_by_test_id("stFileUploader").filter(has_text=f"Picture {letter}")
    with page.expect_file_chooser() as chooser:
        place.get_by_role("button", name="Upload", exact=True).click()
    chooser.value.set_files(path)
    expect(place.get_by_text(path.name)).to_be_visible()


def start(page: Page, pairs: list[tuple[Path, Path]], title: str) -> dict[str, str]:
    """Make a ballot as a visitor does; returns its links by what they are for."""
    for number, (a, b) in enumerate(pairs):
        if number:
            page.get_by_text("Add another pair").click()
        choose(page, "A", a)
        choose(page, "B", b)
        page.get_by_role("button", name="Use this pair").click()
        expect(page.get_by_text(f"Pair {number + 1}", exact=True)).to_be_visible()
        settled(page)
    field = page.get_by_label("What do you ask?")
    field.fill(title)
    field.press("Enter")
    settled(page)
    page.get_by_role("button", name="Start the ballot").click()
    expect(page.get_by_text("The ballot is open.")).to_be_visible()
    expect(page.get_by_test_id("stCode")).to_have_count(3)
    settled(page)
    addresses = [code.inner_text().strip() for code in page.get_by_test_id("stCode").all()]
    return {re.findall(r"\?(\w+)=", address)[0]: address for address in addresses}


def pixel(page: Page, image: int) -> tuple[int, int, int]:
    """The colour in the middle of the shown picture."""
    page.wait_for_function(
        "n => document.querySelectorAll('[data-testid=stImage] img')[n]?.naturalWidth > 0", arg=image
    )
    found = page.evaluate(
        """n => { const img = document.querySelectorAll('[data-testid=stImage] img')[n];
        const c = document.createElement('canvas'); c.width = img.naturalWidth; c.height = img.naturalHeight;
        const g = c.getContext('2d'); g.drawImage(img, 0, 0);
        return [...g.getImageData(c.width / 2, c.height * 0.7, 1, 1).data].slice(0, 3) }""",
        image,
    )
    red, green, blue = found
    return red, green, blue


def vote_for_red(page: Page) -> None:
    """Look which of the two is red, and say so with the keyboard."""
    expect(page.get_by_role("button", name="No preference")).to_be_visible()
    red = [pixel(page, number)[0] > pixel(page, number)[2] for number in (0, 1)]
    assert red in ([True, False], [False, True])
    page.keyboard.press("1" if red[0] else "2")
    expect(page.get_by_text("Thank you.")).to_be_visible()


def asked(page: Page) -> None:
    """A voter's page has no footer to wait for."""
    expect(page.get_by_role("button", name="No preference")).to_be_visible()


def idle(page: Page) -> None:
    """A key that is pressed while the page is being drawn anew is lost."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


@contextmanager
def next_pair(page: Page, position: str) -> Iterator[None]:
    """What is done in between asks for another pair: wait until it is there, buttons and all.

    Its words come first. A key pressed then still answers the pair before, which is right for a double click.
    """
    idle(page)
    buttons = page.locator("[class*=st-key-say-none-]")
    old = re.findall(r"st-key-say-none-\d+", buttons.get_attribute("class") or "")[0]
    yield
    expect(page.get_by_text(position)).to_be_visible()
    expect(page.locator(f".{old}")).to_have_count(0)
    expect(buttons).to_be_visible()
    idle(page)


def leave(page: Page) -> None:
    """Before the app dies: the page would complain of the death in its console."""
    page.goto("about:blank")


def test_a_photo_is_voted_on_in_two_browsers_and_read_in_a_third(
    app: str, open_page: OpenPage, versions: list[Path]
) -> None:
    owner = open_page(f"{app}/ab_test")
    links = start(owner, [(versions[0], versions[1])], EVIL)
    assert all(address.startswith(f"{app}/ab_test?") for address in links.values())

    reader = open_page(links["results"])
    expect(reader.get_by_text("Nobody has voted yet.")).to_be_visible()
    for how in ({}, {**PHONE, "scheme": "dark"}):
        voter = open_page(links["ballot"], drawn=asked, **how)
        expect(voter.get_by_text(EVIL)).to_be_visible()
        expect(voter.get_by_text("red dress")).to_have_count(0)
        assert voter.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight <= innerHeight")
        vote_for_red(voter)
        expect(voter.get_by_text(re.compile(r"1\. picture [12], stored \d{4}-\d\d-\d\d"))).to_be_visible()
        voter.reload()
        expect(voter.get_by_text("stored of your answer")).to_be_visible()

    expect(reader.get_by_text("2 voted.")).to_be_visible()
    expect(reader.get_by_text("So far 2 of 2 for A (red dress)")).to_be_visible()
    with owner.expect_download() as caught:
        owner.get_by_role("button", name="Votes (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(Path(caught.value.path()).read_text("utf-8-sig"))))
    assert [(row["choice"], row["chosen"]) for row in rows] == [("A", "red dress")] * 2
    for kind, start_of_file in (("PNG", b"\x89PNG"), ("HTML", b"<!doctype html>")):
        with reader.expect_download() as caught:
            reader.get_by_role("button", name=f"Sheet ({kind})").click()
        assert Path(caught.value.path()).read_bytes().startswith(start_of_file)

    owner.get_by_role("button", name="Delete …").click()
    owner.get_by_role("button", name="Delete it").click()
    expect(owner.get_by_text("The ballot is deleted")).to_be_visible()
    gone = "There is no ballot at this address"
    open_page(links["ballot"], drawn=lambda page: expect(page.get_by_text(gone)).to_be_visible())


def test_nothing_that_is_typed_becomes_a_link(app: str, open_page: OpenPage, versions: list[Path]) -> None:
    title = "http://evil.example/x www.evil.com me@evil.com :material/delete: :streamlit:"
    links = start(open_page(f"{app}/ab_test"), [(versions[0], versions[1])], title)
    for view, drawn in (("owner", settled), ("results", settled), ("ballot", asked)):
        page = open_page(links[view], drawn=drawn)
        shown = page.get_by_text("evil.example").first
        expect(shown).to_be_visible()
        assert shown.inner_text().replace("\u2060", "") == title
        assert page.locator("[data-testid=stMain] a[href*=evil]").count() == 0


def test_the_sheet_comes_after_the_results_came_anew(app: str, open_page: OpenPage, versions: list[Path]) -> None:
    """Every ten seconds an open ballot's results are drawn anew; the files behind the buttons stay."""
    owner = open_page(f"{app}/ab_test")
    links = start(owner, [(versions[0], versions[1])], "red/teal")
    voter = open_page(links["ballot"], drawn=asked)
    vote_for_red(voter)
    expect(owner.get_by_text("1 person voted.")).to_be_visible()  # drawn anew
    idle(owner)
    for kind, suffix in (("PNG", "png"), ("HTML", "html")):
        with owner.expect_download() as caught:
            owner.get_by_role("button", name=f"Sheet ({kind})").click()
        assert caught.value.suggested_filename == f"red-teal.{suffix}"
        content = Path(caught.value.path()).read_bytes()
    assert b"1 voter" in content


def test_the_keyboard_keeps_its_place_from_pair_to_pair(app: str, open_page: OpenPage, versions: list[Path]) -> None:
    pairs = [(versions[0], versions[1]), (versions[1], versions[2])]
    links = start(open_page(f"{app}/ab_test"), pairs, "Which?")
    page = open_page(links["ballot"], drawn=asked)
    with next_pair(page, "2 of 2"):
        page.get_by_role("button", name="No preference").focus()
        page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="No preference")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()


@pytest.mark.parametrize("view", ["ballot", "owner", "results"])
def test_a_link_that_lost_its_end_is_told(view: str, app: str, open_page: OpenPage) -> None:
    gone = "There is no ballot at this address"
    open_page(f"{app}/ab_test?{view}=", drawn=lambda page: expect(page.get_by_text(gone)).to_be_visible())


def test_two_tabs_are_one_voter_and_the_keys_work(app: str, open_page: OpenPage, versions: list[Path]) -> None:
    links = start(open_page(f"{app}/ab_test"), [(versions[0], versions[1]), (versions[1], versions[2])], "Two?")
    first = open_page(links["ballot"], drawn=asked)
    second = first.context.new_page()
    second.goto(links["ballot"])
    expect(second.get_by_text("1 of 2")).to_be_visible()
    assert [pixel(first, number) for number in (0, 1)] == [pixel(second, number) for number in (0, 1)]
    with next_pair(first, "2 of 2"):
        first.keyboard.press("0")
    with next_pair(second, "2 of 2"):
        second.keyboard.press("2")  # the same pair again: the later answer counts, once
    with next_pair(second, "1 of 2"):
        second.get_by_role("button", name="Undo").click()
    with next_pair(second, "2 of 2"):
        second.keyboard.press("1")
    second.get_by_role("button", name="Skip").click()
    expect(second.get_by_text("stored of your 2 answers")).to_be_visible()
    reader = open_page(links["results"])
    expect(reader.get_by_text("1 person voted.")).to_be_visible()


@pytest.fixture
def mortal(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An app to kill, with votes of its own."""
    return environment | {"EINSTYLE_VOTES_URL": f"sqlite:///{tmp_path / 'votes.sqlite3'}"}


def test_what_was_confirmed_outlives_a_killed_app(
    mortal: dict[str, str], open_page: OpenPage, versions: list[Path]
) -> None:
    with running_app(mortal) as address:  # its end is SIGKILL
        owner = open_page(f"{address}/ab_test")
        links = start(owner, [(versions[0], versions[1])], "Killed?")
        voter = open_page(links["ballot"], drawn=asked)
        vote_for_red(voter)
        receipt = voter.get_by_text(re.compile(r"1\. picture [12], stored")).inner_text()
        for page in (owner, voter):
            leave(page)
    with running_app(mortal) as again:
        voter.goto(f"{again}/ab_test?{links['ballot'].partition('?')[2]}")  # a cookie knows no ports
        expect(voter.get_by_text(receipt)).to_be_visible()
        leave(voter)
