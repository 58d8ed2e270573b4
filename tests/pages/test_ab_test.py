"""The A/B test page without a browser: drafts, votes, the owner's switches, and a database that is down."""

from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from einstyle_core import images
from einstyle_core.ballots import database
from einstyle_core.ballots.model import Choice, Keys, Option, Pair, Said
from einstyle_core.ballots.store import BallotStore, voter_key
from pages.ballots import links
from pages.shared.text import code, plain
from tests.pages.conftest import Open

BROWSER = "b" * 22
EVIL = "<img src=x onerror=alert(1)> **bold** [a](javascript:x) $x$"


def picture(tone: int, side: int = 40) -> bytes:
    return images.png_bytes(Image.new("RGB", (side, side), (tone, 60, 120)))


@pytest.fixture(autouse=True)
def _alone(networks: Path, no_data: Path) -> None:
    """No dataset, networks that are there."""


@pytest.fixture
def store() -> BallotStore:
    """The store that the app uses too."""
    return BallotStore(database.make_engine(database.configured_url()))


@pytest.fixture
def keys(store: BallotStore) -> Keys:
    pairs = [
        Pair(Option(picture(10), "Secret red"), Option(picture(200), EVIL), "Look"),
        Pair(*[Option(picture(90))] * 2),
    ]
    return store.create(EVIL, pairs, with_aa=True)


@pytest.fixture
def vote_page(keys: Keys) -> AppTest:
    return voting(keys.ballot_id)


def voting(ballot: str, browser: str = BROWSER) -> AppTest:
    """The page as a browser opens it that has its number already; that the browser makes it is tested in a browser."""
    from einstyle_core.storage import REPOSITORY

    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
    app.session_state["voter"] = browser
    app.run()
    app.query_params["ballot"] = ballot
    return app.switch_page("pages/ab_test.py").run()


def words(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.subheader, app.info, app.warning, app.error, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("http://evil.example/x", "http:|//"),
        ("HTTPS://evil.example", "HTTPS:|//"),
        ("see www.evil.com", "www|."),
        ("WWW.EVIL.COM", "WWW|."),
        ("mail me@evil.com", "me|@evil"),
        ("mailto:me@evil.com", "mailto:me|@evil"),
        (":material/delete:", ":|material"),
    ],
)
def test_what_looks_like_an_address_is_no_link(text: str, broken: str) -> None:
    """That nothing of it is a link in the end is tested in a browser."""
    shown = plain(text).replace("\\", "")
    assert broken.replace("|", "\u2060") in shown
    assert shown.replace("\u2060", "") == text


def test_code_is_shown_as_it_is() -> None:
    assert code("#1f77b4") == "`#1f77b4`"
    assert code("`*a*`\n") == "`'*a*'`"
    assert code("") == ""


def test_two_uploads_become_a_ballot_with_its_links(open_page: Open, store: BallotStore) -> None:
    app = open_page("ab_test")
    app.file_uploader[0].upload("red dress.png", picture(10))
    app.file_uploader[1].upload("blue.png", picture(200))
    app = press(app.run(), "Use this pair")
    assert "**54 votes** on the pair" in words(app)
    app = app.segmented_control(key="ballot-share").set_value(80).run()
    assert "**23 votes** on the pair" in words(app)
    app = app.text_input(key="ballot-title").set_value("Which dress?").run()
    app = app.toggle(key="ballot-aa").set_value(True).run()
    app = press(app, "Start the ballot")
    assert not app.exception
    owner = app.query_params["owner"]
    ballot = store.ballot_of_owner(owner)
    assert (ballot.title, ballot.planned_share) == ("Which dress?", 0.8)
    assert [(pair.captions, pair.is_aa) for pair in ballot.pairs] == [
        (("red dress", "blue"), False),
        (("red dress", "red dress"), True),
    ]
    vote, results, own = (code.value for code in app.code)
    assert vote.endswith(f"/ab_test?ballot={ballot.id}")
    assert own.endswith(f"/ab_test?owner={owner}")
    assert store.ballot_of_results(results.partition("results=")[2]) == ballot


def test_a_bad_upload_is_a_sentence_and_keeps_the_draft(open_page: Open) -> None:
    app = open_page("ab_test")
    app.file_uploader[0].upload("a.png", picture(10))
    app.file_uploader[1].upload("b.png", picture(20))
    app = press(app.run(), "Use this pair")
    app.file_uploader[0].upload("[evil](x).png", b"no picture")
    app.file_uploader[1].upload("b.png", picture(20))
    app = press(app.run(), "Use this pair")
    assert not app.exception
    assert app.error[0].value.startswith(plain("[evil](x).png") + " is")
    assert "**Pair 1**" in words(app)
    assert "**Pair 2**" not in words(app)
    app = press(app, "Remove")
    assert "**Pair 1**" not in words(app)


def test_a_voter_answers_undoes_skips_and_gets_a_receipt(vote_page: AppTest, store: BallotStore, keys: Keys) -> None:
    voter = voter_key(BROWSER, keys.ballot_id)
    order = [answer.pair for answer in store.deal(keys.ballot_id, voter)]
    app = press(vote_page, "Picture 2")
    assert "2 of 3" in words(app)
    app = press(app, "Undo")
    assert "1 of 3" in words(app)
    assert store.export(keys.ballot_id) == []
    for label in ("Picture 1", "No preference", "Skip"):
        app = press(app, label)
    stored = {row.pair: row.answer for row in store.export(keys.ballot_id)}
    assert [stored[pair].said for pair in order] == [Said.FIRST, Said.NONE, Said.SKIP]
    assert stored[order[0]].choice is stored[order[0]].first
    said = words(app)
    assert "stored of your 3 answers" in said
    for position, (pair, spoken) in enumerate(
        zip(order, ("picture 1", "no preference", "skipped"), strict=True), start=1
    ):
        moment = stored[pair].answered_at
        assert moment is not None
        assert f"**{position}.** {spoken}, stored {moment:%Y-%m-%d %H:%M:%S} (UTC)" in said
    app = press(app, "Answer the skipped pair")
    app = press(app, "Picture 2")
    assert store.export(keys.ballot_id)[-1].answer.said is Said.SECOND
    assert "stored of your 3 answers" in words(app)


def test_voters_learn_nothing_but_the_question(vote_page: AppTest) -> None:
    said = words(vote_page)
    assert plain(EVIL) in said
    assert "Secret red" not in said
    assert "onerror=alert" not in said.replace(plain(EVIL), "")
    assert not vote_page.exception


def test_a_reload_goes_on_and_another_browser_starts_afresh(vote_page: AppTest, keys: Keys) -> None:
    press(vote_page, "Picture 1")
    assert "2 of 3" in words(voting(keys.ballot_id))
    assert "1 of 3" in words(voting(keys.ballot_id, "c" * 22))


@pytest.mark.parametrize("voter", ["", "short", "<script>", "é" * 22, "x" * 23])
def test_a_forged_number_is_no_voter(voter: str, keys: Keys, store: BallotStore) -> None:
    app = voting(keys.ballot_id, voter)
    assert "One moment" in words(app)
    assert not app.button


@pytest.mark.parametrize("view", [links.VOTE, links.OWNER, links.RESULTS])
@pytest.mark.parametrize("token", ["", "x" * 22, "\x00", "' OR 1=1 --", "é" * 22, "x" * 5000])
def test_an_edited_link_is_one_sentence(view: str, token: str, open_page: Open) -> None:
    app = open_page("ab_test", **{view: token})
    assert not app.exception
    (error,) = app.error
    assert error.value == plain("There is no ballot at this address: it was deleted, or the address is not complete.")


@pytest.mark.parametrize("token", ["ballot_id", "results"])
def test_the_other_keys_do_not_open_the_owners_door(token: str, keys: Keys, open_page: Open) -> None:
    app = open_page("ab_test", owner=getattr(keys, token))
    assert len(app.error) == 1
    assert "Close the ballot" not in [button.label for button in app.button]


def test_the_owner_closes_and_reopens(keys: Keys, store: BallotStore, open_page: Open) -> None:
    voter = voting(keys.ballot_id)
    app = press(open_page("ab_test", owner=keys.owner), "Close the ballot")
    assert not store.ballot(keys.ballot_id).is_open
    voter = press(voter, "Picture 1")
    assert words(voter).count("is closed") == 1
    assert store.export(keys.ballot_id) == []
    app = press(app, "Reopen the ballot")
    assert not app.exception
    assert store.ballot(keys.ballot_id).is_open


def test_a_ballot_that_is_deleted_under_a_voters_hands_is_a_sentence(
    vote_page: AppTest, store: BallotStore, keys: Keys
) -> None:
    """The dialog in which the owner confirms that is tested in a browser."""
    store.delete(keys.owner)
    app = press(vote_page, "Picture 1")
    assert not app.exception
    assert plain("There is no ballot at this address") in words(app)


def test_the_results_say_what_is_known(keys: Keys, store: BallotStore, open_page: Open) -> None:
    for number in range(3):
        for answer in store.deal(keys.ballot_id, f"v{number}"):
            said = Said.FIRST if answer.first is Choice.A else Said.SECOND
            store.vote(keys.ballot_id, f"v{number}", answer.pair, said)
    app = open_page("ab_test", results=keys.results)
    said = words(app)
    assert not app.exception
    assert "**3** voted" in said
    assert f"**{plain('Pair 1: Look')}**" in said
    assert plain("exact 97.5 % intervals") in said
    assert plain("Not enough votes yet: 3 of the 63 needed. So far 3 of 3 for A (Secret red)") in said
    assert plain("Two equal pictures got 3 to 0") in said
    assert f"**B** {plain(EVIL)}" in said
    assert "Close the ballot" not in [button.label for button in app.button]


@pytest.mark.parametrize("view", [links.VOTE, links.OWNER, links.RESULTS])
def test_a_database_that_is_down_is_a_sentence_and_the_app_lives(
    view: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(database.VARIABLE, "postgresql://nobody@/none?host=/nowhere")
    app = open_page("ab_test", **{view: "x" * 22})
    assert not app.exception
    (error,) = app.error
    assert error.value.startswith("The votes cannot be reached just now")
    assert not open_page("classify").error


def test_a_ballot_that_cannot_be_stored_stays_a_draft(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page("ab_test")
    app.file_uploader[0].upload("a.png", picture(10))
    app.file_uploader[1].upload("b.png", picture(20))
    app = press(app.run(), "Use this pair")
    monkeypatch.setenv(database.VARIABLE, "sqlite:////proc/nowhere/votes.sqlite3")
    app = press(app, "Start the ballot")
    assert "cannot be reached" in app.error[0].value
    monkeypatch.undo()
    assert "**Pair 1**" in words(app)


def test_a_draft_from_another_page_is_one_click_from_its_ballot(open_page: Open) -> None:
    app = open_page("ab_test")
    pair = Pair(Option(picture(10), "Red", ("#9a3b3b",)), Option(picture(20), "Teal", ("#3c6e71",)), "Dress")
    from pages.shared.ballot_drafts import Draft

    app.session_state["ballot_draft"] = Draft((pair,), "Which dress?")
    app = press(app.run(), "Start the ballot")
    assert not app.exception
    assert app.subheader[0].value == plain("Which dress?")
    assert "**A** Red `#9a3b3b`" in words(app)


def test_a_title_that_was_typed_waits_for_the_next_pair(open_page: Open) -> None:
    app = open_page("ab_test")
    app.file_uploader[0].upload("a.png", picture(10))
    app.file_uploader[1].upload("b.png", picture(20))
    app = press(app.run(), "Use this pair")
    app = app.text_input(key="ballot-title").set_value("Which dress for May?").run()
    app = app.switch_page("pages/colorize.py").run()
    app = app.switch_page("pages/ab_test.py").run()
    assert app.text_input(key="ballot-title").value == "Which dress for May?"


def test_a_title_that_is_too_long_is_cut_and_told(open_page: Open) -> None:
    app = open_page("ab_test")
    app.file_uploader[0].upload("a.png", picture(10))
    app.file_uploader[1].upload("b.png", picture(20))
    app = press(app.run(), "Use this pair")
    app = app.text_input(key="ballot-title").set_value("x" * 300).run()
    assert app.text_input(key="ballot-title").value == "x" * 120
    assert "at most 120 letters" in app.warning[0].value


def test_the_same_two_pictures_are_one_pair(open_page: Open) -> None:
    app = open_page("ab_test")
    for a, b in ((10, 20), (20, 10)):
        app.file_uploader[0].upload("a.png", picture(a))
        app.file_uploader[1].upload("b.png", picture(b))
        app = press(app.run(), "Use this pair")
    assert not app.exception
    assert "already" in app.toast[0].value
    assert "**Pair 2**" not in words(app)
    app.file_uploader[0].upload("a.png", picture(10))
    app.file_uploader[1].upload("b.png", picture(30))
    app = press(app.run(), "Use this pair")
    assert not app.toast
    assert "**Pair 2**" in words(app)
