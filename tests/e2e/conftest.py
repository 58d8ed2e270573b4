"""The app as a process of its own, and a real browser that looks at it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from einstyle_core.storage import REPOSITORY
from tests import standins

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--use-fake-ui-for-media-stream",  # a camera that shows a test pattern, and a visitor who allows it
    "--use-fake-device-for-media-stream",
]
PHONE = {"width": 390, "height": 844}
# On a deep link Streamlit's own script first looks for its server below that path.
EXPECTED_404 = ("/_stcore/health", "/_stcore/host-config")
LOST_PICTURE = re.compile(r"Client Error: Image source error - (\S+/media/\S+)")  # Streamlit says it after the browser

PATIENCE_MS = 150_000  # how long a loaded machine may take; what is there is not waited for
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Page]


@contextmanager
def running_app(environment: dict[str, str]) -> Iterator[str]:
    """A fresh process that serves the app; yields its address once it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    process = subprocess.Popen(
        [*command, "--server.address=127.0.0.1"],
        cwd=REPOSITORY,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    listening = threading.Event()

    def read() -> None:
        for line in process.stdout or ():
            lines.append(line)
            if "You can now view" in line:
                listening.set()
        listening.set()

    threading.Thread(target=read, daemon=True).start()
    try:
        assert listening.wait(PATIENCE_MS / 1000), "the app did not start"
        assert process.poll() is None, "".join(lines)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()  # a polite end waits for open connections, and there is nothing to save
        process.wait()
    assert "Traceback" not in "".join(lines), "".join(lines)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = standins.furnish(tmp_path_factory.mktemp("checkpoints"))
    for seed, name in enumerate(("gan", "cgan", "infogan")):
        standins.save_gan(name, folder, seed)
    return folder


@pytest.fixture(scope="session")
def environment(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Both networks and three GANs, untrained, and no dataset."""
    nothing = tmp_path_factory.mktemp("nothing")
    return {
        "EINSTYLE_CHECKPOINTS": str(checkpoints),
        "EINSTYLE_DATA": str(nothing / "data"),
        "EINSTYLE_CACHE": str(nothing / "cache"),
        "EINSTYLE_VOTES_URL": f"sqlite:///{nothing / 'votes.sqlite3'}",
    }


@pytest.fixture(scope="session")
def app(environment: dict[str, str]) -> Iterator[str]:
    with running_app(environment) as address:
        yield address


@pytest.fixture
def cold_app(environment: dict[str, str]) -> Iterator[str]:
    """A process that nobody has visited; ask for it before ``open_page``, which must close first."""
    with running_app(environment) as address:
        yield address


@pytest.fixture
def app_with_data(environment: dict[str, str]) -> Iterator[str]:
    """Both networks, untrained, and the real dataset."""
    real = {"EINSTYLE_CHECKPOINTS": environment["EINSTYLE_CHECKPOINTS"]}
    with running_app(real) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open an address in a fresh browser context and wait until the page is drawn, as ``drawn`` tells.

    When the test is over, nothing may have been written to the console as an error, but for a picture that made way for
    another one before the browser had asked for it.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []
    lost: dict[str, str] = {}

    def on_console(message: ConsoleMessage) -> None:
        url = message.location["url"]
        if message.type != "error" or url.endswith(EXPECTED_404):
            return
        sentence = f"{message.text} ({url})"
        said = LOST_PICTURE.match(message.text)
        if said:
            lost[said[1]] = sentence
        elif "/media/" in url and "404" in message.text:
            lost[url] = sentence
        else:
            problems.append(sentence)

    def run(
        address: str,
        *,
        width: int = 1280,
        height: int = 1000,
        scheme: str = "light",
        drawn: Callable[[Page], None] = settled,
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(address)
        drawn(page)
        return page

    yield run
    for context in contexts:
        for page in context.pages:
            shown = page.evaluate("[...document.images].map((image) => image.src)")
            problems += [lost[address] for address in shown if address in lost]
        context.close()
    assert not problems


def settled(page: Page) -> None:
    """Wait until the footer is there and nothing runs."""
    expect(page.get_by_text("Your pictures stay in this session")).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def upload(page: Page, *paths: Path, behind: str | None = None) -> None:
    """Choose files in the browser's own dialog; ``behind`` a button where the page shows a picture already."""
    if behind:
        page.get_by_role("button", name=behind).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("stFileUploader").get_by_role("button", name="Upload", exact=True).click()
    chooser.value.set_files(paths)
