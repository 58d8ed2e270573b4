"""A real browser for the benchmarks that need one: Playwright (requirements-dev.txt) and the system's own Chromium."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from einstyle_core.errors import EinstyleError

if TYPE_CHECKING:
    from playwright.sync_api import Page


@contextmanager
def page(width: int = 1280, height: int = 1000) -> Iterator["Page"]:
    """An empty page of ``width x height`` CSS pixels in a browser that ends with the block.

    ``CHROMIUM`` names another browser than the one in the path.

    Raises:
        EinstyleError: Playwright or the browser is missing, or the page could not be driven.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise EinstyleError("Playwright is not installed: pip install -r requirements-dev.txt") from None
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        raise EinstyleError("There is no Chromium: install it, or say in CHROMIUM where it is.")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            yield browser.new_page(viewport={"width": width, "height": height})
            browser.close()
    except Error as error:
        raise EinstyleError(f"The page could not be driven: {str(error).splitlines()[0]}") from error
