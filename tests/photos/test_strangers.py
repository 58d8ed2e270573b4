"""Pictures of no garment: drawn alike from a seed, each unlike the next."""

import numpy as np
import pytest

from einstyle_core.photos import strangers


@pytest.mark.parametrize("kind", [*strangers.TAUGHT, *strangers.UNTAUGHT])
def test_a_kind_repeats_with_its_seed_and_varies_without(kind: str) -> None:
    drawn = [strangers.draw(kind, seed) for seed in (*range(8), 0)]
    assert all(picture.mode == "RGB" and max(picture.size) == strangers.SIDE for picture in drawn)
    assert drawn[0].tobytes() == drawn[-1].tobytes()
    assert len({picture.tobytes() for picture in drawn}) == 8
    assert np.mean([np.ptp(np.asarray(picture)) for picture in drawn]) > 60  # there is something to see


def test_what_is_tested_untaught_is_never_taught() -> None:
    assert not strangers.TAUGHT.keys() & strangers.UNTAUGHT.keys()
    assert {"screenshot", "face"} <= strangers.UNTAUGHT.keys()
