"""Papers are cited by authors and year, and each such link names the paper that it leads to."""

import re

import prose
import references
from pages import Problem

TARGET = re.compile(r"#ref-([\w-]+)$")
HOSTS = re.compile(r"https?://(?:[\w-]+\.)*(?:arxiv\.org|doi\.org|openreview\.net)/")
BEFORE = 80  # characters before a link in which the sentence may have named the authors


def check_references(pages, papers=None):
    """Links to ``ref-KEY``; a link to the paper itself stands in the list of references only."""
    papers = references.read_papers()[0] if papers is None else papers
    problems = []
    for page in pages:
        for cell in page.prose():
            for link in prose.links(cell.source):
                if HOSTS.match(link.target) and page.path != references.PAGE:
                    message = (
                        f"[{link.text}]({link.target}) leaves the book: write"
                        " [Authors (year)](#ref-KEY), with its entry in references.bib"
                    )
                    problems.append(Problem(page.path, cell.where, message))
                if found := TARGET.search(link.target):
                    before = cell.source[max(0, link.start - BEFORE) : link.start]
                    message = _fault(link.text, before, found[1], papers)
                    if message:
                        problems.append(Problem(page.path, cell.where, message))
    return problems


def _fault(words, before, key, papers):
    """What is wrong with the words of a link to a paper, or None."""
    if key not in papers:
        return f"references.bib has no entry {key} for the link [{words}]"
    first, short = references.families(papers[key])[0], references.short(papers[key])
    if papers[key].fields["year"] not in words:
        return f"the link [{words}] to {key} lacks the year: {short}"
    if first not in words and first not in before:
        return f"the link [{words}] to {key} does not name its author: {short}"
    return None
