"""Read the LaTeX that the book prints, and compare it with the SymPy statement behind it.

SymPy's parser knows neither our symbols (``\\sigma_{\\max}`` is one) nor our functions. So each
symbol of the notation table is replaced by a single letter first; what comes back is compared
with the statement at random points: a flipped sign or a lost factor is seen.
"""

import random
import re
from functools import cache, partial

import sympy as sp
from sympy.core.function import AppliedUndef

from specbook.laws import functions, matrices, operators

FUNCTIONS = {
    r"\operatorname{Ei}": sp.Ei, r"\operatorname{E}_1": functions.e_1,
    r"\operatorname{Ein}": functions.ein, r"\operatorname{erf}": sp.erf,
    r"\operatorname{erfc}": sp.erfc, r"\operatorname{sgn}": sp.sign,
    r"\operatorname{Tr}": matrices.Trace, r"\Phi": functions.normal_cdf, r"\psi": sp.digamma,
}  # a letter of the notation that is printed alike hides the function
OVER = {r"\sum": operators.Total, r"\prod": operators.Product}
CASES = re.compile(r"\\begin\{cases\}(.*?)\\end\{cases\}", flags=re.S)
LINES = re.compile(r"\\begin\{aligned\}(\[t\])?|\\end\{aligned\}|\\\\|&")  # breaks for phones
SPACING = {r"\,", r"\;", r"\!", r"\:", r"\ ", r"\quad", r"\qquad", "~"}
SIZES = {
    r"\left", r"\right", r"\big", r"\Big", r"\bigg", r"\Bigg", r"\bigl", r"\bigr", r"\Bigl",
    r"\Bigr", r"\biggl", r"\biggr", r"\Biggl", r"\Biggr", r"\displaystyle",
}
SAME = {r"\tfrac": r"\frac", r"\dfrac": r"\frac", r"\lbrace": "(", r"\{": "(", r"\}": ")",
        "[": "(", "]": ")", r"\cdot": r"\cdot", r"\times": r"\cdot"}
ONE_ARGUMENT = {
    r"\tilde", r"\hat", r"\bar", r"\dot", r"\ddot", r"\vec", r"\mathrm", r"\mathbf", r"\mathcal",
    r"\boldsymbol", r"\text", r"\operatorname", r"\overline", r"\mathbb", r"\widetilde",
}
OPERATORS = {r"\ln", r"\log", r"\exp", r"\sin", r"\cos", r"\tan", r"\sinh", r"\cosh", r"\tanh",
             r"\max", r"\min", r"\sqrt", r"\frac", r"\int"}
SYMBOL_LETTERS = "abchjklmnopqrstuvwxyzABCHJKLMNPQRTUVWXYZ"  # d, e, i and E would be read as such
FUNCTION_LETTERS = "fgFGDOS"
ENDS = {"+", "-", "=", "<", ">", r"\le", r"\ge"}  # a sum or product reaches so far
BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
KINKED = (sp.Piecewise, sp.sign, sp.Abs)


def _cases_marked(match):
    """The breaks within cases under names of their own, unlike breaks of lines."""
    marked = match[1].replace(r"\\", r" \row ").replace("&", r" \when ")
    return rf" \cases {marked} \endcases "


def tokens(text):
    """LaTeX in a normal form: no spacing, every sub- and superscript and accent with braces."""
    text = LINES.sub(" ", CASES.sub(_cases_marked, text))
    raw = [t for t in re.findall(r"\\[a-zA-Z]+|\\.|\S", text, flags=re.S) if t not in SPACING]
    out, place = [], 0

    def argument():
        """Copy one argument with its braces."""
        nonlocal place
        if place >= len(raw):
            return
        if raw[place] == "{":
            depth = 0
            while place < len(raw):
                depth += {"{": 1, "}": -1}.get(raw[place], 0)
                if depth == 0:
                    out.append("}")
                    place += 1
                    return
                step()
            return
        out.append("{")
        step()
        out.append("}")

    def step():
        """Copy one token, and its argument if it takes one."""
        nonlocal place
        token = raw[place]
        place += 1
        out.append(token)
        if token in "_^" or token in ONE_ARGUMENT:
            argument()

    while place < len(raw):
        step()
    return tuple(out)


def same(one, other):
    """True if two pieces of LaTeX differ in spacing and optional braces only."""
    return tokens(one) == tokens(other)


IF, OTHERWISE = tokens(r"\text{if}"), tokens(r"\text{otherwise}")


@cache
def _table(notation):
    """Token sequences of the known symbols and functions, longest first."""
    functions = FUNCTIONS | {
        rf"\operatorname{{softmax}}_{{{index.latex}}}": partial(operators.softmax, index=index)
        for index in notation if index.is_integer
    }
    rows = [(tokens(latex), function) for latex, function in functions.items()]
    table = dict(rows) | {tokens(letter.latex): letter for letter in notation}
    return dict(sorted(table.items(), key=lambda row: -len(row[0])))


def parse(text, notation):
    """The SymPy expression of a LaTeX formula in the notation of the book.

    Parameters
    ----------
    text : str
        One side of an equation.
    notation : iterable of Letter
        The letters that it may use.

    Raises
    ------
    ValueError
        If it cannot be read, or contains a symbol that is not in the notation.
    """
    return _Reader(text, notation).read(tokens(text))


class _Reader:
    """Reads LaTeX: what SymPy's parser does not know is replaced by a single letter first."""

    def __init__(self, text, notation):
        self.text, self.table = text, _table(tuple(notation))

    def fail(self, why):
        raise ValueError(f"cannot read {self.text!r}: {why}")

    def read(self, stream):
        """The expression of a sequence of tokens."""
        from sympy.parsing.latex import parse_latex
        from sympy.parsing.latex.errors import LaTeXParsingError

        letters = {False: iter(SYMBOL_LETTERS), True: iter(FUNCTION_LETTERS)}
        names, out, place, previous = {}, [], 0, ""
        while place < len(stream):
            value, length = self.known(stream, place)
            if length:
                is_function = not isinstance(value, sp.Basic)
                kind = "function" if is_function else "symbol"
                key = (is_function, value)
                if key not in names:
                    names[key] = next(letters[is_function])
                token, place = names[key], place + length
            else:
                upright = stream[place : place + 4]
                if upright in ((r"\mathrm", "{", "d", "}"), (r"\mathrm", "{", "e", "}")):
                    token, place, kind = upright[2], place + 4, "operator"
                else:
                    token, place = SAME.get(stream[place], stream[place]), place + 1
                    kind = "operator" if token in OPERATORS else "other"
                    if token in SIZES or (token == "." and out and out[-1] in SIZES):
                        continue
            multiplies = previous == "symbol" or (out and (out[-1] in ")}" or out[-1].isdigit()))
            if token == "(" and multiplies:
                out.append(r"\cdot")
            out.append(token)
            previous = kind
        joined = " ".join(out)
        joined = re.sub(r"(?<=\d) (?=[\d.])|(?<=\.) (?=\d)", "", joined)
        joined = re.sub(r"(\\int(?: [_^] \{[^{}]*\})*) \\cdot", r"\1", joined)
        try:
            expression = parse_latex(joined, backend="antlr")
        except (LaTeXParsingError, TypeError, AttributeError) as error:
            self.fail(error)
        return _restore(expression, names, self.text)

    def known(self, stream, place):
        """What stands at a place, if it is of the book, and how many tokens it takes."""
        for sequence, value in self.table.items():
            if stream[place : place + len(sequence)] == sequence:
                return value, len(sequence)
        token = stream[place]
        if token in OVER:
            return self.over(stream, place)
        if token == r"\overline":
            end = _closing(stream, place + 1)
            return self.mean(stream[place + 2 : end]), end + 1 - place
        if token == r"\cases":
            end = stream.index(r"\endcases", place)
            return self.cases(stream[place + 1 : end]), end + 1 - place
        return None, 0

    def over(self, stream, place):
        """A sum or product over an index: it reaches to the next plus or minus."""
        start = _closing(stream, place + 2) + 1
        index = self.table.get(stream[place + 3 : start - 1])
        if stream[place + 1] != "_" or not getattr(index, "is_integer", False):
            self.fail(f"write {stream[place]} with an index of the notation below, nothing above")
        end, depth = start, 0
        while end < len(stream):
            depth += BRACKETS.get(stream[end], 0)
            if depth < 0 or (depth == 0 and end > start and stream[end] in ENDS):
                break
            end += 1
        return OVER[stream[place]](self.read(stream[start:end]), index), end - place

    def mean(self, stream):
        """The mean over the index that letters under a bar carry."""
        expression = self.read(stream)
        indices = operators.carried(expression)
        if len(indices) != 1:
            self.fail(f"the letters under a bar carry {len(indices)} indices, not one")
        return operators.Mean(expression, *indices)

    def cases(self, stream):
        """An expression by cases: value, condition, and so on."""
        pairs = []
        for row in _split(stream, r"\row"):
            value, *condition = _split(row, r"\when")
            condition = condition[0] if condition else ()
            if condition[: len(IF)] == IF:
                condition = condition[len(IF) :]
            always = condition in ((), OTHERWISE)
            pairs.append((self.read(value), True if always else self.read(condition)))
        return sp.Piecewise(*pairs)


def _closing(stream, place):
    """Place of the brace that closes the one at a place."""
    depth = 0
    for end in range(place, len(stream)):
        depth += {"{": 1, "}": -1}.get(stream[end], 0)
        if depth == 0:
            return end
    raise ValueError(f"a brace is not closed: {' '.join(stream)}")


def _split(stream, mark):
    """The parts of a sequence of tokens between marks; an empty last one is left out."""
    parts = [()]
    for token in stream:
        if token == mark:
            parts.append(())
        else:
            parts[-1] += (token,)
    return [part for part in parts if part]


def _restore(expression, names, text):
    """Put the symbols and functions of the book back in place of the letters."""
    symbols = {sp.Symbol("e"): sp.E, sp.Symbol("pi"): sp.pi}
    symbols |= {sp.Symbol(name): value for (func, value), name in names.items() if not func}
    functions = {name: value for (func, value), name in names.items() if func}
    unknown = {s.name for s in expression.free_symbols} - {s.name for s in symbols}
    if unknown:
        raise ValueError(
            f"{text!r} contains {', '.join(sorted(unknown))}: not in the notation table"
        )
    expression = expression.xreplace(symbols).replace(
        lambda e: isinstance(e, AppliedUndef) and e.func.__name__ in functions,
        lambda e: functions[e.func.__name__](*e.args),
    )
    left = {e.func.__name__ for e in expression.atoms(AppliedUndef)}
    if left:
        raise ValueError(f"{text!r} applies {', '.join(sorted(left))} to an argument: write \\cdot")
    return expression


def _plain(expression):
    """The expression in symbols alone, so that it has a number at each point.

    Sums, products and traces are written out over two terms; an integral is judged by its
    integrand and its bounds; functions and derivatives count as symbols.
    """
    expression = sp.sympify(expression).replace(
        lambda e: isinstance(e, operators.Over | matrices.Trace), lambda e: e.expanded()
    ).replace(lambda e: isinstance(e, sp.Integral), _by_integrand)
    swap = {d: sp.Symbol(f"[{d}]") for d in expression.atoms(sp.Derivative)}
    swap |= {f: sp.Symbol(f"[{f.func}]") for f in expression.atoms(AppliedUndef)}
    return expression.xreplace(
        {k: v for k, v in swap.items() if isinstance(k, sp.Derivative)}
    ).xreplace(swap)


def _by_integrand(integral):
    """The integrand, with any name for its variable, times a function of the bounds."""
    value = integral.function
    for number, (variable, low, high) in enumerate(integral.limits):
        inner = sp.Symbol(f"[integrated {number}]", positive=True)
        value = value.xreplace({variable: inner}) * (sp.exp(high) - sp.exp(low))
    return value


def _random_value(symbol, rng):
    """A number in (0.2, 2), of either sign if the symbol need not be positive."""
    sign = 1 if symbol.is_positive or symbol.is_integer else rng.choice((1, -1))
    return sign * sp.Float(str(rng.uniform(0.2, 2)), 30)


def largest_difference(one, other, points=6, seed=1):
    """Largest relative difference of two expressions at random points, to 30 digits.

    Returns infinity if either has no finite value at one of the points.
    """
    one, other = _plain(one), _plain(other)
    symbols = sorted(one.free_symbols | other.free_symbols, key=str)
    rng, largest = random.Random(seed), 0.0
    if one.has(*KINKED) or other.has(*KINKED):
        points *= 5
    for _ in range(points):
        point = {s: _random_value(s, rng) for s in symbols}
        a, b = (sp.N(e.subs(point), 30) for e in (one, other))
        if not (a.is_number and b.is_number and a.is_finite and b.is_finite):
            return float("inf")
        scale = max(abs(a), abs(b))
        if scale:
            largest = max(largest, float(abs(a - b) / scale))
    return largest
