"""The dashboard as its user meets it: a server of its own, a browser, and methods that are what a user does."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STEP_MILLISECONDS = 20_000
ROW_HEIGHT = 31
CHECK_BOX, TITLE = 16, 180
"""Where a row of the queue has its check box and its title, in pixels from the left."""
AT_REST = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app !== null && app.dataset.testScriptState === "notRunning" && app.dataset.testConnectionState === "CONNECTED"
    && document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]') === null
    && document.querySelector('[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]') !== null;
}"""


def find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    """`streamlit run app.py` with a store of its own; without a token it is on its own sandbox."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "TRIAGE_"))}
        self._environment = {**kept, "DATABASE_URL": f"sqlite:///{folder / 'triage.db'}", **settings}
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "server.log"

    def start(self) -> "Server":
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):
                    return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"The dashboard did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """As if the power went: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def sandbox_issue(self, number: int) -> dict[str, Any]:
        """An issue as the built-in sandbox keeps it in its state file."""
        return find_issue(json.loads((self.folder / "sandbox.json").read_text()), number)


def find_issue(state: Any, number: int) -> dict[str, Any]:
    """The issue of that number, wherever it stands in a sandbox's state."""
    if isinstance(state, dict):
        if state.get("number") == number and "title" in state:
            return state
        found = [find_issue(value, number) for value in state.values()]
    elif isinstance(state, list):
        found = [find_issue(value, number) for value in state]
    else:
        return {}
    return next((issue for issue in found if issue), {})


class Dashboard:
    """One browser tab on the dashboard."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        page.set_default_timeout(STEP_MILLISECONDS)
        expect.set_options(timeout=STEP_MILLISECONDS)

    def open(self, path: str = "/") -> "Dashboard":
        self.page.goto(self.url + path)
        self.settle()
        return self

    def settle(self) -> None:
        """Waits until the page is drawn and has been at rest for a moment."""
        self.page.wait_for_selector('[data-testid="stApp"]')
        at_rest = 0
        for _ in range(STEP_MILLISECONDS // 100):
            at_rest = at_rest + 1 if self.page.evaluate(AT_REST) else 0
            if at_rest == 4:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("The page did not come to rest.")

    def widget(self, key: str) -> Locator:
        """What Streamlit drew under a widget key of the contract."""
        return self.page.locator(f".st-key-{key}")

    def press(self, key: str) -> None:
        self.widget(key).locator("button").first.click()
        self.settle()

    def choose_row(self, row: int) -> None:
        """Clicks the title in a row of the queue, counted from 0."""
        before = self.page.url
        self.click_cell(row, TITLE)
        self.page.wait_for_url(lambda url: url != before)
        self.settle()

    def click_cell(self, row: int, x: int) -> None:
        """Clicks `x` pixels from the table's left edge."""
        box = self.widget("queue").locator("canvas").first.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + x, box["y"] + ROW_HEIGHT * (row + 1.5))
        self.settle()

    @property
    def number(self) -> int:
        """The chosen issue, as the address says."""
        found = re.search(r"[?&]issue=(\d+)", self.page.url)
        assert found, f"No issue in {self.page.url}"
        return int(found[1])

    @property
    def response(self) -> Locator:
        return self.widget(f"response-{self.number}").locator("textarea")

    def tick(self, number: int, criterion: int) -> None:
        self.widget(f"criterion-{number}-{criterion}").locator("label").first.click()
        self.settle()

    def screenshot(self, name: str) -> None:
        """Keeps a picture of the page: for the README where TRIAGE_SCREENSHOTS names a folder."""
        folder = Path(os.environ.get("TRIAGE_SCREENSHOTS") or ROOT / "test-results")
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")


def open_tab(browser: Browser, url: str, *, width: int = 1280, height: int = 860, scheme: str = "light") -> Dashboard:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    return Dashboard(context.new_page(), url)
