"""What stands in a Markdown text: displayed and inline mathematics, links, numbers, headings.

Each finder blanks what is not its business (positions stay), so code is never read as prose.
"""

import re
from dataclasses import dataclass
from functools import cache

import yaml
from pages import ANCHOR, BOOK, FENCE, blank

CODE = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n\n).)+?(?<!`)\1(?!`)", flags=re.S)
COMMENT = re.compile(r"<!--.*?-->", flags=re.S)
# In notebooks <a id="eq-x"></a> above and \tag{4.5} below the formula; in MyST (eq-x) behind it.
DISPLAY = re.compile(
    r'^(?:<a id="(?P<anchor>eq-[\w-]+)"></a>[ \t]*\n)?\$\$[ \t]*\n(?P<latex>.*?)'
    r"(?:\n\\tag\{(?P<number>[\d.]*)\})?\n\$\$(?:[ \t]*\((?P<label>[\w-]+)\))?[ \t]*$",
    flags=re.M | re.S,
)
EXERCISE = re.compile(
    r'^<a id="(?P<label>ex-[\w-]+)"></a>[ \t]*\n'
    r"\*\*Exercise(?: (?P<number>\d+(?:\.\d+)*))? \((?P<title>[^\n]+?)\)\.\*\*",
    flags=re.M,
)
INLINE = re.compile(r"(?<![\\$])\$(?!\$)((?:[^$\\]|\\.)+?)\$(?!\$)", flags=re.S)
LINK = re.compile(
    r"(?P<image>!?)\[(?P<text>(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]*)[^()]*\)"
)
HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*$", flags=re.M)
ROLE = re.compile(
    r"\{[\w:-]+\}(?=\s*`)|^[ \t]*:{3,}(?:\{[\w:-]+\})?|^[ \t]*:[\w-]+:(?!`).*$", flags=re.M
)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
ADDRESS = re.compile(r"<?https?://[^\s<>)]+>?")
LIST_NUMBER = re.compile(r"^[ \t>]*\d{1,2}[.)](?=[ \t])", flags=re.M)
DIGITS = "0-9²³¹⁰-⁹₀-₉½⅓⅔¼¾"
NUMBER = re.compile(rf"[-−+]?[\w.,%×·/]*[{DIGITS}][\w.,%×·/]*")
FRONT_MATTER = re.compile(r"\A---\n.*?\n---[ \t]*\n", flags=re.S)


@dataclass(frozen=True)
class Link:
    """A link; its target is ``#label`` for whatever the book has, its address what is written."""

    text: str
    target: str
    start: int
    end: int
    image: bool
    address: str


@cache
def base():
    """Address of the published book, with a slash at its end."""
    config = yaml.safe_load((BOOK.parent / "_config.yml").read_text(encoding="utf-8"))
    return config["html"]["baseurl"]


def inner(address):
    """``#label`` for the address of a label on any page of the book; others as they are."""
    pattern = rf"{re.escape(base())}[^#\s]*(#[\w-]+)"
    match = re.fullmatch(pattern, address)
    return match[1] if match else address


def without_code(source):
    """Blank front matter, code (fenced and inline), and comments."""
    for pattern in (FRONT_MATTER, FENCE, COMMENT, CODE):
        source = pattern.sub(blank, source)
    return source


def displays(source):
    """Displayed equations as (latex, label or None, start, end of the LaTeX)."""
    return [
        (source[slice(*m.span("latex"))], m["anchor"] or m["label"], *m.span("latex"))
        for m in DISPLAY.finditer(without_code(source))
    ]


def stray_displays(source):
    """Displayed mathematics in any other form than ``$$`` on lines of its own."""
    rest = DISPLAY.sub(blank, without_code(source))
    fenced = re.findall(r"^(?:`{3,}|~{3,}|:{3,})\{math\}", source, flags=re.M)
    return re.findall(r"\$\$|\\begin\{\w+\*?\}|\\\[|\\\(", INLINE.sub(blank, rest)) + fenced


def inline(source):
    """Inline mathematics, without the dollar signs."""
    text = DISPLAY.sub(blank, without_code(source))
    return [match[1] for match in INLINE.finditer(text)]


def links(source):
    """Markdown links and images; the text is the source's own, with its mathematics."""
    text = DISPLAY.sub(blank, without_code(source))
    text = INLINE.sub(lambda m: "x" * len(m[0]), text)
    return [
        Link(
            source[m.start("text") : m.end("text")], inner(m["target"]), *m.span("text"),
            bool(m["image"]), m["target"],
        )
        for m in LINK.finditer(text)
    ]


def headings(source):
    """Headings as (title, names of the targets right above)."""
    text = FENCE.sub(blank, source)
    found = []
    for match in HEADING.finditer(text):
        names = []
        for line in reversed(text[: match.start()].splitlines()):
            if anchor := ANCHOR.match(line):
                names.append(anchor[1] or anchor[2])
            elif line.strip():
                break
        found.append((match[2], names))
    return found


def without_number(match):
    """The head of an exercise with spaces for its number, which `labels.numbers` counts."""
    number = match["number"] or ""
    return match[0].replace(f"Exercise {number}", f"Exercise {' ' * len(number)}", 1)


def numbers(source):
    """Numbers of the running text as (token, start, end), and the text they stand in.

    Left out: mathematics, code, links (their texts have a check of their own), targets,
    directive lines and options, addresses, HTML tags, the numbers of ordered lists.
    """
    text = without_code(source)
    for pattern in (DISPLAY, INLINE):
        text = pattern.sub(blank, text)
    text = EXERCISE.sub(without_number, text)
    text = LINK.sub(
        lambda m: m[0].replace(m["text"], " " * len(m["text"])) if not m["image"] else m[0], text
    )
    text = re.sub(r"\]\([^()]*\)", blank, text)
    for pattern in (ANCHOR, ADDRESS, TAG, ROLE, LIST_NUMBER):
        text = pattern.sub(blank, text)
    found = []
    for match in NUMBER.finditer(text):
        token = match[0].rstrip(".,/·")
        found.append((token, match.start(), match.start() + len(token)))
    return found, text
