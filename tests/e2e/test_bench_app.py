"""The client without a browser against the real app: it must get what a browser gets."""

import json

import pytest

from einstyle_core.errors import EinstyleError
from scripts import bench_app
from scripts.visitor import Visitor


def test_every_press_brings_other_pictures(app: str, capsys: pytest.CaptureFixture[str]) -> None:
    bench_app.main(["--url", app, "--users", "2", "--presses", "3", "--pause", "0", "--json"])
    figures = json.loads(capsys.readouterr().out)
    assert figures["presses"] == 6
    assert figures["answer_kib"] >= 10  # 64 pictures, not a note that nothing changed
    assert 0 < figures["press_ms_p50"] <= figures["press_ms_p95"] <= figures["press_ms_max"]
    assert 0 < figures["press_shown_ms_p50"] < figures["press_ms_p50"]  # the closer look comes after the wall


def test_the_url_follows_the_presses(app: str) -> None:
    with Visitor(f"{app}/generate?gan=cgan&count=16&seed=5") as visitor:
        visitor.open()
        visitor.press("Other pictures")
        visitor.press("Other pictures")
        assert "seed=7" in visitor.query
        with pytest.raises(EinstyleError, match="no button “Stop”"):
            visitor.press("Stop")


def test_an_address_where_nobody_answers_is_told() -> None:
    with pytest.raises(EinstyleError, match="streamlit run"), Visitor("http://127.0.0.1:9/generate"):
        pass
