"""Palettes and hex codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einstyle_core.colorizer import palettes
from einstyle_core.colorizer.palettes import PALETTES, class_colour, get, parse_hex, to_hex
from einstyle_core.errors import EinstyleError, UnknownNameError

TAB10 = "1f77b4 ff7f0e 2ca02c d62728 9467bd 8c564b e377c2 7f7f7f bcbd22 17becf"


@pytest.mark.parametrize("text", ["#1f77B4", "1F77b4", "  #1f77b4\n"])
def test_six_digits(text):
    assert parse_hex(text) == (31, 119, 180)


def test_three_digits_are_doubled():
    assert parse_hex("#1aF") == parse_hex("11aaff") == (17, 170, 255)


@pytest.mark.parametrize(
    "text", ["", "#", "red", "#12345", "#1234567", "##123456", "#12345g", "0x123456", "# 123456", "１２３４５６"]
)
def test_anything_else_is_refused_in_one_sentence(text):
    with pytest.raises(EinstyleError, match=r"is no colour: write # and six digits") as refusal:
        parse_hex(text)
    assert "\n" not in str(refusal.value)


def test_a_refusal_stays_short():
    with pytest.raises(EinstyleError) as refusal:
        parse_hex("x" * 10_000)
    assert len(str(refusal.value)) < 150


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_there_and_back(colour):
    assert parse_hex(to_hex(colour)) == colour


def test_the_papers_palette_is_tab10_with_brown_boots_and_red_dresses():
    colours = [to_hex(colour).removeprefix("#") for colour in PALETTES["paper"].colours]
    assert sorted(colours) == sorted(TAB10.split())
    assert to_hex(class_colour("Ankle boot")) == "#8c564b"
    assert to_hex(class_colour(3)) == "#d62728"


@pytest.mark.parametrize("name", PALETTES)
def test_every_palette(name):
    palette = get(name)
    assert palette.name == name
    assert len(palette.colours) == len(set(palette.colours)) == 10
    assert palette.title
    assert palette.summary.endswith(".")


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="paper, spring"):
        get("plaid")
    with pytest.raises(UnknownNameError):
        class_colour("Hat")
    with pytest.raises(ValueError, match="9 colours"):
        palettes.Palette("x", "X", "X.", PALETTES["paper"].colours[:9])
