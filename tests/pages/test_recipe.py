import pytest

from pages.generating.recipe import Recipe, from_query, other_weights

KNOWN = ("gan", "cgan", "infogan")


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("cgan"),
        Recipe("infogan", label=8, count=100, seed=2**31 - 1, style=(-1.0, 0.25)),
        Recipe("gan", label=0, count=16, seed=0),
    ],
)
def test_a_recipe_survives_the_url(recipe: Recipe) -> None:
    assert from_query(recipe.to_query("ab" * 32), KNOWN, "gan") == (recipe, [])


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"gan": "vae"}, "no GAN called vae"),
        ({"gan": "../../etc/passwd"}, "no GAN called"),
        ({"class": "11"}, "11 is none of the ten"),
        ({"class": "hat"}, "hat is none of the ten"),
        ({"count": "1000000000"}, "16, 36, 64 or 100"),
        ({"count": "0"}, "16, 36, 64 or 100"),
        ({"seed": "abc"}, "whole number"),
        ({"seed": "-1"}, "whole number"),
        ({"seed": "99999999999"}, "whole number"),
        ({"seed": "١٢"}, "whole number"),
        ({"style": "2,0"}, "not two numbers"),
        ({"style": "nan,0"}, "not two numbers"),
        ({"style": "0"}, "not two numbers"),
    ],
)
def test_what_cannot_be_followed_is_told_and_the_rest_holds(query: dict[str, str], sentence: str) -> None:
    recipe, complaints = from_query({"gan": "cgan", "seed": "7", **query}, KNOWN, "gan")
    assert len(complaints) == 1
    assert sentence in complaints[0]
    assert recipe == Recipe("gan" if "gan" in query else "cgan", seed=1 if "seed" in query else 7)


def test_an_index_is_a_class_too() -> None:
    assert from_query({"class": "9"}, KNOWN, "gan")[0].label == 9


def test_other_weights_are_noticed() -> None:
    sha256 = "0123456789abcdef" * 4
    assert not other_weights(Recipe("gan").to_query(sha256), sha256)
    assert not other_weights({}, sha256)
    assert other_weights(Recipe("gan").to_query("f" * 64), sha256)
