"""Ways to tamper with what the author of a chapter writes: text, equations, targets, settings.

Each function changes a notebook in place and returns the id of the cell to be pointed out.
"""

import re

import prose
import pytest

from specbook.laws import BOOK
from specbook.reading.mime import CAPTION, FIGURE, SETTINGS


def markdown(notebook, pattern):
    """The first Markdown cell with a match of `pattern`, and the match."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (match := re.search(pattern, cell.source, flags=re.S)):
            return cell, match
    pytest.fail(f"no text matches {pattern}")


def outputs_with(notebook, mime, suits=lambda record: True):
    """The first code cell with such an output, and the data of the output."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}) and suits(output["data"][mime]):
                return cell, output["data"]
    pytest.fail(f"no cell has an output of type {mime}")


def rewrite(cell, match, new):
    cell.source = cell.source[: match.start()] + new + cell.source[match.end() :]
    return cell.id


def other_digit(text):
    """The text with its last digit changed."""
    place = max(i for i, c in enumerate(text) if c.isdigit())
    return text[:place] + str((int(text[place]) + 3) % 10) + text[place + 1 :]


def digit_in_claim(nb):
    cell, match = markdown(nb, r"\[[^\[\]]*\d[^\[\]]*\]\(#claim-")
    return rewrite(cell, match, other_digit(match[0]))


def number_typed(nb):
    cell, match = markdown(nb, r"(?<=[a-z]\. )(?=[A-Z])|$")
    cell.source += "\n\nThe error is 0.37 per cent."
    return cell.id


def number_in_words_of_a_link(nb):
    cell, _ = markdown(nb, ".")
    cell.source += "\n\nSee [all 17 of them](https://example.org/list)."
    return cell.id


def sign_in_equation(nb):
    cell, match = markdown(nb, r"(?<=</a>\n\$\$\n)[^$]*? \+ [^$]*(?=\n\$\$)")
    return rewrite(cell, match, match[0].replace(" + ", " - ", 1))


def equation_label(nb):
    cell, match = markdown(nb, r'(?<=\n<a id=")eq-[\w-]+(?="></a>)')
    other = next(label for label in BOOK if label != match[0])
    return rewrite(cell, match, other)


def equation_unlabelled(nb):
    cell, match = markdown(nb, r'<a id="eq-[\w-]+"></a>\n(?=\$\$)')
    return rewrite(cell, match, "")


def equation_reference(nb):
    cell, match = markdown(nb, r"\]\([^()\s]*#eq-[\w-]+\)")
    return rewrite(cell, match, "](#eq-nowhere)")


def links_swapped(nb):
    """Two links of one cell, whose words say where they lead, lead to each other's target."""
    place = r"\b(above|below|there|foundations|next chapter)\b"
    for cell in nb.cells:
        links = re.findall(r"\[([^\[\]]+)\]\(([^()\s]*#(?:sec|eq|fig)-[\w-]+)\)", cell.source)
        clear = [(words, target) for words, target in links if cell.cell_type == "markdown"
                 and (re.search(place, words) or set(words.split()) & set(target.split("-")))]
        if len(clear) > 1:
            (a, to_a), (b, to_b) = clear[:2]
            cell.source = cell.source.replace(f"[{a}]({to_a})", f"[{a}](#)")
            cell.source = cell.source.replace(f"[{b}]({to_b})", f"[{b}]({to_a})")
            cell.source = cell.source.replace("](#)", f"]({to_b})")
            return cell.id
    pytest.fail("no cell has two links whose words say where they lead")


def equation_twice(nb):
    cell, match = markdown(nb, r'\n<a id="eq-[\w-]+"></a>\n\$\$\n[^$]*\n\$\$\n')
    cell.source += "\n" + match[0]
    return cell.id


def inline_relation(nb):
    cell, _ = markdown(nb, ".")
    cell.source += r" Note that $w = \lambda / (\lambda - \sigma^2)$ here."
    return cell.id


def inline_number(nb):
    cell, _ = markdown(nb, ".")
    cell.source += r" There are $8317$ of them."
    return cell.id


def setting_changed(nb):
    """The settings say something else than the text: the text is pointed out."""
    rows = [row for cell in nb.cells for o in cell.get("outputs", [])
            for row in o.get("data", {}).get(SETTINGS, [])]
    for row in rows:
        quoted = f"${row['symbol']} = {row['value']}$" if row["symbol"] else f"${row['value']}$"
        for cell in nb.cells:
            if cell.cell_type == "markdown" and quoted in cell.source:
                cell.source = cell.source.replace(quoted, other_digit(quoted), 1)
                return cell.id
    cell, _ = markdown(nb, ".")  # the chapter quotes none in full: add one that is wrong
    cell.source += f" Here ${rows[0]['symbol'] or 'N'} = 8317$."
    return cell.id


def setting_retyped(nb):
    cell, _ = outputs_with(nb, SETTINGS)
    cell.source += "\nsettings((r'\\sigma', 0.07, 'noise'))"
    return cell.id


def anchor_removed(nb):
    cell, match = markdown(nb, r'<a id="sec-[\w-]+"></a>\n(?=#)')
    return rewrite(cell, match, "")


def wide_line(nb):
    """A long comment in the first open cell that is short."""
    for cell in nb.cells:
        if cell.cell_type == "code" and not cell.metadata.get("tags"):
            cell.source += "\n# " + "long " * 20
            return cell.id
    pytest.fail("no open code cell")


def exercise_in_myst(nb):
    """An exercise as an author may write it, before `make sync`."""
    cell, match = markdown(nb, r'<a id="(ex-[\w-]+)"></a>\n\*\*Exercise[^\n(]*\(([^\n]*?)\)\.\*\*')
    cell.source = cell.source.replace(match[0], f":::{{exercise}} {match[2]}\n:label: {match[1]}\n")
    cell.source += "\n:::"
    return cell.id


def directive_in_a_fence(nb):
    cell, _ = markdown(nb, ".")
    cell.source += "\n\n```{note}\nText.\n```"
    return cell.id


def table_in_a_list(nb):
    cell, _ = markdown(nb, ".")
    cell.source += "\n\n1. Text:\n\n    | a | b |\n    |---|---|\n    | c | d |"
    return cell.id


def address_of_another_page(nb):
    """A link that leaves the page, to where the page is not published."""
    cell, _ = markdown(nb, ".")
    cell.source += f"\n\nSee [this section]({prose.base()}book/nowhere.html#sec-how-to-read)."
    label = re.search(r'<a id="(sec-[\w-]+)"', "".join(c.source for c in nb.cells))[1]
    cell.source = cell.source.replace("sec-how-to-read", label)
    return cell.id


def solution_unfolded(nb):
    cell = next(c for c in nb.cells if "hide-cell" in c.metadata.get("tags", ()))
    del cell.metadata["jupyter"]
    return cell.id


def title_of_a_figures_code(nb):
    cell, _ = outputs_with(nb, FIGURE, lambda record: "series" not in record)
    cell.metadata["tags"] = ["hide-input"]
    cell.source = "# @title Code of Fig. 99.9\n" + cell.source.partition("\n")[2]
    return cell.id


def caption_below_a_figure(nb):
    cell, data = outputs_with(nb, CAPTION)
    data["text/markdown"] += " No."
    return cell.id
