"""Names and cells that leave the house."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einstyle_core.exports import csv_safe, safe_name, title_stem, unique_names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shirt.png", "shirt.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\red dress.JPG", "red dress.JPG"),
        ("Kleid Größe 38 \N{DRESS}.png", "Kleid Größe 38 \N{DRESS}.png"),
        ("..hidden", "hidden"),
        ("...", "image"),
        ("", "image"),
        ("folder/", "image"),
        ("a\x00b\r\n\x7f.png", "ab.png"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ('a<b>:"c|d?e*.png', "a_b___c_d_e_.png"),
        ("CON", "_CON"),
        ("lpt1.png", "_lpt1.png"),
        ("console.png", "console.png"),
        ("trailing. . ", "trailing"),
    ],
)
def test_safe_names(name: str, expected: str) -> None:
    assert safe_name(name) == expected


@given(st.text(max_size=400))
def test_a_safe_name_is_safe_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name, "fallback")
    assert 0 < len(safe.encode()) <= 121
    assert not set(safe) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(letter)[0] == "C" for letter in safe)
    assert safe[0] not in ". "
    assert safe[-1] not in ". "
    assert safe_name(safe, "fallback") == safe


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_name("ä" * 300 + ".jpeg") == "ä" * 57 + ".jpeg"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("red/teal", "red-teal"),
        ("red / teal?", "red-teal_"),
        ("a\\b", "a-b"),
        ("Which?", "Which_"),
        ("", "ballot"),
        ("...", "ballot"),
        ("CON", "_CON"),
        ("Look no. 1.", "Look no. 1"),
        ("x" * 58 + ". y", "x" * 58),
    ],
)
def test_a_title_keeps_its_words_in_a_files_name(title: str, expected: str) -> None:
    assert title_stem(title, "ballot") == expected


def test_doubles_are_numbered() -> None:
    names = ["a.png", "b.png", "A.PNG", "a (2).png", "a.png", "noext", "noext"]
    assert unique_names(names) == ["a.png", "b.png", "A (2).PNG", "a (2) (2).png", "a (3).png", "noext", "noext (2)"]


@given(st.lists(st.sampled_from(["a", "A", "a.png", "a (2).png", "a (3).png", ".png", "x/a.png"]), max_size=12))
def test_unique_names_are_unique_whatever_the_case(names: list[str]) -> None:
    unique = unique_names(names)
    assert len({name.casefold() for name in unique}) == len(names)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"])
def test_formulas_are_quoted(text: str) -> None:
    assert csv_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "shirt.png", "T-shirt/top", "a=b", "1-2"])
def test_harmless_cells_stay(text: str) -> None:
    assert csv_safe(text) == text
