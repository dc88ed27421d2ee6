"""The two forms of a notebook's Markdown: what a reader of the plain notebook sees, and MyST.

Notebooks are stored in the plain form, which every viewer shows; the build turns it into MyST.
Authors may write MyST, and ``make sync`` turns it into the plain form.

==============  =====================================================  ========================
what            plain                                                  MyST
==============  =====================================================  ========================
equation        ``<a id="eq-x"></a>``, ``$$``, formula, ``\\tag{4.5}``  ``$$ ... $$ (eq-x)``
exercise        ``<a id="ex-x"></a>``, ``**Exercise 4.2 (Title).**``   ``:::{exercise} Title``
box             ``<!-- box tip -->``, a rule, ``**Title**``, a rule,   ``:::{admonition} Title``
                ``<!-- end of box -->``
target          ``<a id="sec-x"></a>``                                 ``(sec-x)=``
link            ``[words](https://.../page.html#x)`` to another page   ``[words](#x)``
==============  =====================================================  ========================
"""

import re

import prose
from pages import ANCHOR, FENCE, blank

FENCE_LINE = re.compile(r"\s*(`{3,}|~{3,})")
BOX = re.compile(
    r"^<!-- box(?P<kind>(?: [\w-]+)*) -->\n+---[ \t]*\n+\*\*(?P<title>[^\n]+)\*\*[ \t]*\n"
    r"(?P<body>.*?)\n+---[ \t]*\n+<!-- end of box -->[ \t]*$",
    flags=re.M | re.S,
)
DIRECTIVE = re.compile(
    r"^(?P<fence>:{3,})\{(?P<name>[\w:-]+)\}[ \t]*(?P<title>[^\n]*)\n"
    r"(?P<options>(?:[ \t]*:[\w-]+:[^\n]*\n)*)(?P<body>.*?)\n(?P=fence)[ \t]*$",
    flags=re.M | re.S,
)
BLOCK = re.compile(r"[-*+|>#]\s|\d+[.)]\s|\$\$|<a |`{3}|:{3}")  # cannot follow words on one line
OPTION = re.compile(r"^[ \t]*:([\w-]+):[ \t]*(.*?)[ \t]*$", flags=re.M)
# What ends the text of an exercise: a heading, a target that is not an equation's, a box.
END = re.compile(r'^(?:#{1,6}[ \t]|<a id="(?!eq-)|<!-- box)', flags=re.M)
WORDS = {  # the number in the words of a link to a label of the kind
    "eq": re.compile(r"\bEq\.(?:\s\((?P<number>[\d.]*)\))?"),
    "fig": re.compile(r"\bFig\.(?:\s(?P<number>\d+(?:\.\d+)*))?"),
    "ex": re.compile(r"\bExercise\b(?:\s(?P<number>\d+(?:\.\d+)*))?"),
}
SHOWN = {"eq": "Eq. ({})", "fig": "Fig. {}", "ex": "Exercise {}"}


def substitute(pattern, change, source):
    """Replace what matches outside code blocks by ``change(parts)``, parts by group name."""
    for match in reversed(list(pattern.finditer(FENCE.sub(blank, source)))):
        parts = {
            name: source[slice(*match.span(name))] if match[name] is not None else ""
            for name in pattern.groupindex
        }
        source = source[: match.start()] + change(parts) + source[match.end() :]
    return source


# --- to MyST, by the build --------------------------------------------------------------------


def to_myst(source, without=()):
    """The MyST of a plain text; labels in `without` are no targets."""
    source = substitute(prose.DISPLAY, _myst_equation, source)
    source = _myst_exercises(source)
    source = substitute(BOX, _myst_box, source)
    return targets(inner_links(source), without)


def inner_links(source):
    """Markdown with links into the book as ``#label``."""
    for link in reversed(prose.links(source)):
        start, end = link.end + 2, link.end + 2 + len(link.address)
        source = source[:start] + link.target + source[end:]
    return source


def _myst_equation(parts):
    label = parts["anchor"] or parts["label"]
    return f"$$\n{parts['latex']}\n$$" + f" ({label})" * bool(label)


def _myst_exercises(source):
    clean = FENCE.sub(blank, source)
    for match in reversed(list(prose.EXERCISE.finditer(clean))):
        end = END.search(clean, match.end())
        end = end.start() if end else len(source)
        body, rest = source[match.end() : end].strip(), source[end:]
        directive = f"::::{{exercise}} {match['title']}\n:label: {match['label']}\n\n{body}\n::::\n"
        source = source[: match.start()] + directive + ("\n" + rest) * bool(rest)
    return source


def _myst_box(parts):
    kind = parts["kind"].strip()
    options = f":class: {kind}\n" * bool(kind)
    body = parts["body"].strip("\n")
    return f"::::{{admonition}} {parts['title']}\n{options}\n{body}\n::::"


def targets(text, without=()):
    """Markdown with its anchor lines as MyST targets, except in code blocks.

    A figure is a target by itself; its anchor is for plain notebooks. So are those in `without`.
    """
    lines, fence = [], None
    for line in text.split("\n"):
        mark = FENCE_LINE.match(line)
        anchor = ANCHOR.fullmatch(line.rstrip())
        if mark and fence is None:
            fence = mark[1]
        elif mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = None
        elif anchor and anchor[1] and fence is None:
            lines.append("")  # a target must not continue a paragraph
            if not anchor[1].startswith("fig-") and anchor[1] not in without:
                lines.append(f"({anchor[1]})=")
            continue
        lines.append(line)
    return "\n".join(lines)


# --- to the plain form, by sync ---------------------------------------------------------------


def to_plain(source, number):
    """The plain form of a text, with the numbers of its equations and exercises."""
    source = substitute(DIRECTIVE, _plain_directive, source)
    source = substitute(prose.DISPLAY, lambda parts: _plain_equation(parts, number), source)
    return substitute(prose.EXERCISE, lambda parts: exercise(parts, number), source)


def _plain_equation(parts, number):
    label = parts["anchor"] or parts["label"]
    if not label:
        return f"$$\n{parts['latex']}\n$$"
    written = number.get(label, parts["number"])
    tag = f"\\tag{{{written}}}\n" * bool(written)
    return f'<a id="{label}"></a>\n$$\n{parts["latex"]}\n{tag}$$'


def exercise(parts, number):
    """The head of an exercise with its number."""
    written = number.get(parts["label"], parts.get("number", ""))
    head = f"Exercise {written}".rstrip()
    return f'<a id="{parts["label"]}"></a>\n**{head} ({parts["title"].strip()}).**'


def _plain_directive(parts):
    options, name = dict(OPTION.findall(parts["options"])), parts["name"]
    body, title = parts["body"].strip("\n"), parts["title"].strip()
    label = options.get("label") or options.get("name")
    if name == "exercise":
        apart = "\n\n" if BLOCK.match(body) else " "
        return exercise({"label": label, "title": title}, {}) + apart + body
    kind = options.get("class", "" if name == "admonition" else name.rpartition(":")[2])
    if name != "admonition":
        word = name.rpartition(":")[2].capitalize()
        title = f"{word} ({title})" if title else word
    anchor = f'<a id="{label}"></a>\n' * bool(label)
    begin = f"<!-- box {kind}".rstrip() + " -->"
    return f"{anchor}{begin}\n\n---\n\n**{title}**\n\n{body}\n\n---\n\n<!-- end of box -->"


def with_links(source, labels, docname, absolute=True):
    """Links with the right numbers in their words, and with the addresses of other pages."""
    for link in reversed(prose.links(source)):
        label = link.target[1:]
        if not link.target.startswith("#") or link.image:
            continue
        words = numbered(link.text, label, labels.number)
        address = labels.address(label, docname) if absolute else link.target
        address = address if label in labels.home else link.address
        end = link.end + 2 + len(link.address)
        source = f"{source[: link.start]}{words}]({address}{source[end:]}"
    return source


def numbered(words, label, number):
    """The words of a link to a label with its number, if they say "Eq.", "Fig." or "Exercise".

    A link to an equation always says so.
    """
    kind = label.partition("-")[0]
    if kind not in WORDS or label not in number:
        return words
    if kind == "eq" and not WORDS["eq"].search(words):
        words = ", ".join(filter(None, (words, "Eq.")))
    return WORDS[kind].sub(lambda match: SHOWN[kind].format(number[label]), words)


def written(source):
    """The numbers that a text gives to labels, as (label, number); an empty one is missing."""
    text = prose.without_code(source)
    for match in prose.DISPLAY.finditer(text):
        if label := match["anchor"]:
            yield label, match["number"] or ""
    for match in prose.EXERCISE.finditer(text):
        yield match["label"], match["number"] or ""
    for link in prose.links(source):
        label = link.target.lstrip("#")
        if pattern := WORDS.get(label.partition("-")[0]):
            yield from ((label, match["number"] or "") for match in pattern.finditer(link.text))
