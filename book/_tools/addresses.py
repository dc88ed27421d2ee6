"""What ``specbook cite`` knows of the book: its labels, where they stand, and the papers' entries.

``make sync`` writes it to `TARGET` from the pages, the laws, ``book/references.bib``,
``_config.yml`` and ``CITATION.cff``; a test compares.
"""

import json
import re

import labels
import prose
import yaml
from ledger import claims, made_sections
from pages import BOOK, FENCE, blank
from references import label as reference
from references import read_papers

ROOT = BOOK.parent
TARGET = ROOT / "specbook" / "reading" / "addresses.json"
ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")


def book_of(root=ROOT):
    """What every entry repeats, except the version, which is the package's own."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return {
        "title": config["title"],
        "author": config["author"],
        "year": re.search(r"\d{4}", str(config["copyright"]))[0],
        "url": config["html"]["baseurl"],
        "subtitle": citation["title"].removeprefix(config["title"]).lstrip(": "),
    }


def explained(root=ROOT):
    """arXiv numbers of the papers that the book explains."""
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return ARXIV.findall(json.dumps(citation["references"]))


def plain(text):
    """A title or caption without Markdown: links as their words, no emphasis, no code marks."""
    for link in reversed(prose.links(text)):
        end = text.index(")", link.end) + 1
        text = text[: link.start - 1] + link.text + text[end:]
    parts = re.split(r"(\$[^$]*\$)", text)
    parts[::2] = [re.sub(r"[`*]", "", part) for part in parts[::2]]
    return "".join(parts)


def named(entry):
    """Pattern of the authors as a source in the text names them: ``Wang & Pehlevan``."""
    last = [re.escape(" ".join(person.last_names)) for person in entry.persons["author"]]
    if len(last) == 1:  # not the first of several authors of another paper
        return rf"\b{last[0]}\b(?! et al| &| and )"
    return rf"\b{last[0]} (?:&|and) {last[1]}\b" if len(last) == 2 else rf"\b{last[0]} et al"


def papers_of(law, papers, cited, main):
    """Keys of the papers that a law is stated in or builds on.

    Those that its source names, by arXiv number or authors; for a law derived here whose source
    names none, those among the `main` papers that its page cites.
    """
    numbers = {entry.fields.get("eprint"): key for key, entry in papers.items()}
    asked = ARXIV.findall(law.source)
    keys = [numbers[n] for n in asked if n in numbers]
    keys += [k for k, entry in papers.items() if re.search(named(entry), law.source)]
    if not keys and law.provenance == "derived":
        keys = [numbers[n] for n in main if n in cited and n in numbers]
    return list(dict.fromkeys(keys))


def missing_papers(laws, papers):
    """arXiv numbers that laws name and ``references.bib`` lacks, as (label, number)."""
    known = {entry.fields.get("eprint") for entry in papers.values()}
    return [
        (label, number)
        for label, law in laws.items()
        for number in ARXIV.findall(law.source)
        if number not in known
    ]


def places(page, laws, papers, main):
    """Labels of one page that are cited on it, with their titles; equations with their source.

    Claims are cited in the ledger.
    """
    from specbook.reading.mime import FIGURE

    targets = {link.target for cell in page.prose() for link in prose.links(cell.source)}
    cited = {
        entry.fields.get("eprint")
        for key, entry in papers.items()
        if any(target.endswith(f"#{reference(key)}") for target in targets)
    }
    found, chapter = {}, None
    for cell in page.cells:
        if cell.kind == "markdown":
            for title, names in prose.headings(cell.source):
                chapter = chapter or plain(title)
                found |= {n: {"title": plain(title)} for n in names if n.startswith("sec-")}
            for match in prose.EXERCISE.finditer(FENCE.sub(blank, cell.source)):
                found[match["label"]] = {"title": f"Exercise: {plain(match['title'])}"}
            for _, label, _, _ in prose.displays(cell.source):
                if law := laws.get(label):
                    where = law.source.replace("this chapter", f'chapter "{chapter}"')
                    found[label] = {
                        "title": f"Equation: {law.title}",
                        "source": f"{law.provenance}: {where}",
                        "papers": papers_of(law, papers, cited, main),
                    }
            continue
        for record in cell.records(FIGURE):
            first = re.split(r"(?<=[.?])\s", plain(record["caption"]))[0]
            found[record["name"]] = {"title": f"Figure: {first.rstrip('.')}"}
    return found


def collect(pages, laws, root=ROOT):
    """The whole data file, as plain JSON."""
    papers, texts = read_papers(root / "book" / "references.bib")
    main = explained(root)
    numbers = {entry.fields.get("eprint"): key for key, entry in papers.items()}
    data = {
        "book": book_of(root),
        "explained": [numbers[number] for number in main],
        "papers": texts,
        "claims": [claim.record["name"] for claim in claims(pages)],
        "pages": {},
    }
    number = labels.collect(pages, root).number
    for page in sorted(pages, key=lambda page: page.path):
        made = {k: {"title": v} for k, v in made_sections(page, pages, laws).items()}
        if found := places(page, laws, papers, main) | made:
            for label in found.keys() & number.keys():
                found[label]["number"] = number[label]
            name = page.path.rsplit(".", 1)[0]
            data["pages"][f"book/{name}"] = found
    return data


def written(data):
    """The text of the data file: one line for each label, so that changes are easy to read."""
    head = {key: value for key, value in data.items() if key != "pages"}
    rows = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "pages": {\n'
    blocks = []
    for page, found in data["pages"].items():
        lines = [f"   {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}"
                 for k, v in found.items()]
        blocks.append(f"  {json.dumps(page)}: {{\n" + ",\n".join(lines) + "\n  }")
    return rows + ",\n".join(blocks) + "\n }\n}\n"
