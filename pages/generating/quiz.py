"""Real or generated? A game for an audience: each picture is a test image or a GAN's, and two are scored."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from einstyle_core import data
from einstyle_core.errors import EinstyleError
from einstyle_core.gans import get
from pages.generating import zoo
from pages.generating.recipe import Recipe
from pages.shared import models, pictures, samples
from pages.shared.text import told

ROUNDS = 10
Guess = Literal["real", "generated"]
_SHORTCUTS: dict[Guess, str] = {"real": "1", "generated": "2"}  # Streamlit keeps R for itself


@dataclass
class Game:
    """One visitor's game.

    Attributes:
        gan: whose pictures are among them.
        seed: which pictures they are, and in which order.
        guesses: so far.
    """

    gan: str
    seed: int
    guesses: list[Guess] = field(default_factory=list)

    def guess(self, guess: Guess) -> None:
        """The next guess; a click too many, after the last picture, is none."""
        if len(self.guesses) < ROUNDS:
            self.guesses.append(guess)

    def truths(self) -> list[Guess]:
        """Half of the pictures are real, in an order that the seed decides."""
        kinds: list[Guess] = ["real", "generated"]
        return [kinds[index] for index in np.random.default_rng(self.seed).permutation(ROUNDS) % 2]

    def right(self) -> int:
        """How many guesses were right."""
        return sum(guess == truth for guess, truth in zip(self.guesses, self.truths(), strict=False))

    def fooled(self) -> tuple[int, int]:
        """How many generated pictures were taken for real, of how many."""
        made = [g for g, truth in zip(self.guesses, self.truths(), strict=False) if truth == "generated"]
        return made.count("real"), len(made)


@st.fragment
def show(gan: str) -> None:
    """The quiz about one GAN's pictures."""
    if not data.is_available():
        st.markdown("The quiz mixes generated garments with real ones, which are not on this machine yet.")
        samples.offer_download()
        return
    try:
        _play(gan)
    except EinstyleError as error:
        st.error(told(error), icon=":material/healing:")


def _play(gan: str) -> None:
    game: Game | None = st.session_state.get("quiz")
    if game is None or game.gan != gan:
        game = st.session_state["quiz"] = Game(gan, _any_seed())
    turn, truths, title = len(game.guesses), game.truths(), get(gan).title
    if turn == ROUNDS:
        _score(game, title)
        return
    st.markdown(
        f"Ten pictures: five are photographs from the test set, five are by {title}. "
        f"**Picture {turn + 1} of {ROUNDS}: real or generated?**"
    )
    picture, answer = st.columns([1, 2], gap="large", vertical_alignment="center")
    with picture:
        pictures.show_pixels(_picture(game, turn), "quiz", f"picture {turn + 1}")
    with answer:
        with st.container(horizontal=True):
            for guess, key in _SHORTCUTS.items():
                st.button(
                    guess.capitalize(),
                    key=f"quiz-{guess}",
                    shortcut=key,
                    on_click=game.guess,
                    args=(guess,),
                    type="primary",
                )
        if turn:
            last, truth = game.guesses[-1], truths[turn - 1]
            verdict = "Right" if last == truth else "Wrong"
            st.markdown(f"**{verdict}**: the last one was {truth}. {game.right()} of {turn} right so far.")


def _score(game: Game, title: str) -> None:
    fooled, made = game.fooled()
    st.markdown(f"### {game.right()} of {ROUNDS} right")
    st.markdown(
        f"{title} fooled you with {fooled} of its {made} pictures. Guessing blindly gives five right on average."
    )
    shown = np.stack([_picture(game, turn) for turn in range(ROUNDS)])
    with st.grid(5, min_column_width=96, gap="small"):
        for turn, (guess, truth) in enumerate(zip(game.guesses, game.truths(), strict=True)):
            with st.container(gap="xxsmall"):
                pictures.show_pixels(shown[turn], f"quiz-{turn}", truth)
                st.caption(truth if guess == truth else f"**{truth}**, you said {guess}")
    st.button("Play again", icon=":material/replay:", on_click=st.session_state.pop, args=("quiz", None))


def _picture(game: Game, turn: int) -> NDArray[np.uint8]:
    if game.truths()[turn] == "generated":
        drawn: NDArray[np.uint8] = zoo.draw(Recipe(game.gan, count=ROUNDS, seed=game.seed)).pixels[turn]
        return drawn
    index = int(np.random.default_rng([game.seed, turn]).integers(10_000))
    real: NDArray[np.uint8] = models.test_images().images[index, 0].numpy()
    return real


def _any_seed() -> int:
    return int(np.random.default_rng().integers(2**31))
