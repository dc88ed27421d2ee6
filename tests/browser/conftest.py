"""The built pages, served on this machine, in the system's Chromium."""

import functools
import http.server
import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# The built book; SPECBOOK_HTML names another folder.
HTML = Path(os.environ.get("SPECBOOK_HTML") or ROOT / "_build" / "html").resolve()
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update",
    "--no-first-run",
]
HELP = (
    "The browser checks need Chromium or Chrome. Install it (Debian, Ubuntu: "
    "'sudo apt-get install chromium'; macOS: 'brew install --cask google-chrome'), "
    "or set SPECBOOK_CHROMIUM to its executable."
)


def pages():
    """Paths of the pages in _toc.yml, relative to the built book."""

    def files(entries):
        for entry in entries:
            yield entry["file"]
            yield from files(entry.get("sections", ()))

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = [name for part in toc["parts"] for name in files(part["chapters"])]
    return [f"{name}.html" for name in [toc["root"], *chapters]]


def find_chromium():
    return os.environ.get("SPECBOOK_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    """With several workers, one worker has all tests of a page, or of a module without pages."""
    for item in items:
        if HERE in item.path.parents:
            page = getattr(item, "callspec", None) and item.callspec.params.get("path")
            item.add_marker(pytest.mark.xdist_group(page or item.path.stem))


def pytest_terminal_summary(terminalreporter):
    if find_chromium() is None:
        terminalreporter.write_line(HELP)


@pytest.fixture(scope="session")
def config():
    return yaml.safe_load((ROOT / "_config.yml").read_text())


@pytest.fixture(scope="session")
def html():
    if not (HTML / "index.html").exists():
        pytest.fail("There is no built book: run 'make book' first.")
    return HTML


@pytest.fixture(scope="session")
def chromium():
    executable = find_chromium()
    if executable is None:
        if os.environ.get("CI", "").lower() in ("", "0", "false"):
            pytest.skip(HELP)
        pytest.fail(HELP)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(html):
    """Address of the book on a loopback port."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def new_page(browser, address, width=1280, *, unfold=True, **settings):
    """Open an address; the page carries what it asked for (`asked`) and its errors (`errors`)."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("requestfailed", lambda request: page.errors.append(f"failed: {request.url}"))
    page.on("response", lambda r: page.errors.append(r.url) if r.status >= 400 else None)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("async () => { await window.MathJax?.startup?.promise }")
    if unfold:
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    yield page
    context.close()


def hosts(page):
    """Hosts that a page asked; addresses of files and of data have none."""
    return {urlsplit(address).netloc for address in page.asked}


# One page at a time: pytest runs the tests of all modules on it before it opens the next. A test
# that changes a page (its width, what has the focus) must not rely on how another has left it.
@pytest.fixture(scope="session", params=pages())
def path(request):
    return request.param


@pytest.fixture(scope="session")
def page(chromium, site, path):
    with new_page(chromium, site + path, color_scheme="light") as page:
        yield page


@pytest.fixture(scope="session")
def dark_page(chromium, site, path):
    with new_page(chromium, site + path, color_scheme="dark") as page:
        yield page


@pytest.fixture(scope="session")
def file_page(chromium, html, path):
    with new_page(chromium, (html / path).as_uri()) as page:
        yield page
