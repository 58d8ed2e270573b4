import numpy as np

from einstyle_core.gans.sheets import contact_sheet


def test_a_contact_sheet_has_a_titled_row_a_gan() -> None:
    white, gray = np.full((8, 28, 28), 255, np.uint8), np.full((8, 28, 28), 128, np.uint8)
    sheet = contact_sheet({"GAN": white, "WGAN": gray})
    line = 2 * (28 + 2)
    assert sheet.shape == (2 * (18 + line), 2 * (8 * 29 + 1))
    assert sheet[:18].min() < 100  # ink
    assert (sheet[18 + 2 : 18 + line - 2, 2:58] == 255).all()
    assert (sheet[2 * 18 + line + 2 : -2, 2:58] == 128).all()
