"""The built pages, served on this machine, in the system's Chromium."""

import functools
import http.server
import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

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
# One page of each kind, for what the style sheets and scripts decide for all pages alike.
EXAMPLES = (
    "book/index.html",  # the entry: cards, a notebook outside the parts
    "book/training-time/linear-denoiser.html",  # a chapter, the shortest; test_sliders has plots
    "book/appendix/claims.html",  # made from the chapters: a long list, a download
    "book/appendix/api/laws.html",  # made from docstrings: signatures
    "book/appendix/references.html",  # the bibliography
)
SLOWEST = 60_000  # milliseconds that a busy machine has for what a browser does by itself
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
        with playwright.chromium.launch(executable_path=executable, args=FLAGS) as browser:
            yield browser


@pytest.fixture(scope="session")
def site(html):
    """Address of the book on a loopback port, in a folder as on a server of many books."""
    folder = "/book-of-many/"

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def translate_path(self, path):
            inside = path.startswith(folder)
            return super().translate_path(path.removeprefix(folder) if inside else "/outside")

    handler = functools.partial(Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{folder}"
        server.shutdown()


def file_of(address, site, html):
    """The file of the built book that an address of the site leads to."""
    file = html / unquote(urlsplit(address).path.removeprefix(urlsplit(site).path))
    return file / "index.html" if file.is_dir() else file


def watch(page):
    """Note in `page.asked` and `page.errors` what a tab asks for and what goes wrong in it."""
    page.set_default_timeout(SLOWEST)
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("requestfailed", lambda request: page.errors.append(f"failed: {request.url}"))
    page.on("response", lambda r: page.errors.append(r.url) if r.status >= 400 else None)


def open_in(page, address, *, unfold=True):
    """Open an address in a tab; `asked` and `errors` are those of this address from now on."""
    page.asked, page.errors = [], []
    page.goto(address)
    # the root only leads on to the first page
    page.wait_for_function("!document.querySelector('meta[http-equiv=Refresh i]')")
    page.wait_for_load_state()
    page.evaluate("async () => { await window.MathJax?.startup?.promise }")
    if unfold:
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")


@contextmanager
def visit(context, address, *, unfold=True):
    """Open an address in a tab of its own."""
    with context.new_page() as page:
        watch(page)
        open_in(page, address, unfold=unfold)
        yield page


@contextmanager
def new_page(browser, address, width=1280, *, unfold=True, **settings):
    """Open an address in a window of its own, with nothing in the cache."""
    settings = {"reduced_motion": "reduce", **settings}
    with browser.new_context(viewport={"width": width, "height": 900}, **settings) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        with visit(context, address, unfold=unfold) as page:
            yield page


def settle(page):
    """Wait until nothing moves: a new width or colour has arrived everywhere."""
    page.evaluate(
        """async () => {
          const frame = () => new Promise(requestAnimationFrame);
          await frame(); await frame();
          const ends = motion => Number.isFinite(motion.effect.getComputedTiming().endTime);
          await Promise.allSettled(document.getAnimations().filter(ends).map(m => m.finished));
        }"""
    )


def set_width(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    settle(page)


def set_scheme(page, scheme):
    """Light or dark, as the reader's system asks for it while the page is open."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(
        "scheme => document.documentElement.dataset.theme === scheme", arg=scheme
    )
    settle(page)


def hosts(page):
    """Hosts that a page asked; addresses of files and of data have none."""
    return {urlsplit(address).netloc for address in page.asked}


# One page at a time: pytest runs the tests of all modules on it before it opens the next. A test
# that changes a page (its width, what has the focus) must not rely on how another has left it.
# A test of some pages only asks for their `path` as the others do: parametrized anew, with `page`,
# it would open its page in the same tab while others are still at work on theirs.
@pytest.fixture(scope="session", params=pages())
def path(request):
    return request.param


@pytest.fixture(scope="session")
def window(chromium):
    """One tab, in which a page is opened after the other: a new tab costs more than a page."""
    with chromium.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce"
    ) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        with context.new_page() as page:
            watch(page)
            yield page


@pytest.fixture(scope="session")
def page(window, site, path):
    window.set_viewport_size({"width": 1280, "height": 900})
    window.emulate_media(color_scheme="light")
    open_in(window, site + path)
    yield window
    window.goto("about:blank")  # what the page still does is not the next one's


@pytest.fixture(scope="session")
def phone(page):
    """The page on a touch screen of 360 px.

    Chromium gives the pointer back to the next page only, so that tests which need one come
    earlier: modules run in the order of the alphabet, and those with a phone are called
    ``test_phone``.
    """
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    set_width(page, 360)
    yield page
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    session.detach()


@pytest.fixture(scope="session")
def file_page(chromium, html, path):
    with new_page(chromium, (html / path).as_uri()) as page:
        yield page
