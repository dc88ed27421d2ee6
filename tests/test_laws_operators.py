"""Sums, products, means, traces and functions: read, compared at random values, computed.

The letters are those of a part that is not written yet; some mean another thing in a former part.
"""

import math
from types import SimpleNamespace

import latex
import numpy as np
import pytest
import sympy as sp
from checks import equations
from scipy import special, stats

from specbook.laws import BOOK, PARTS, Law, notation
from specbook.laws import symbols as old
from specbook.laws.book import collect
from specbook.laws.core import Core
from specbook.laws.functions import ein, normal_cdf
from specbook.laws.letter import VAR, Letter, data, training
from specbook.laws.matrices import Trace
from specbook.laws.operators import MODE, Mean, Product, Total, softmax


class s(Core):
    """Letters of a later part."""

    part = "sample-size"

    nu = data("nu_index", r"\nu", "number of a mode", integer=True)
    lam_nu = data("lambda_nu", r"\lambda_\nu", "variance along a mode", VAR, index=nu)
    z = training("z_root", "z", "where the equation is solved")
    kappa = training("kappa_scale", r"\kappa", "effective scale")
    n = training("n_samples", "n", "number of samples")
    a = data("a_real", "a", "a number of either sign", real=True)
    A = data("A_matrix", r"\mathbf{A}", "a matrix", commutative=False)
    B = data("B_matrix", r"\mathbf{B}", "another", commutative=False)


LETTERS = (*PARTS[""], *(x for x in vars(s).values() if isinstance(x, Letter)))
RNG = np.random.default_rng(2)


def law(right, latex, left=s.z):
    return Law("eq-x", "t", left, right, latex, "derived", "here")


def differs(right, latex):
    return equations.check_law(law(right, latex), LETTERS)


KAPPA = law(
    s.kappa * (1 - Total(s.lam_nu / (s.lam_nu + s.kappa), s.nu) / s.n),
    r"\kappa \left(1 - \frac{1}{n} \sum_\nu \frac{\lambda_\nu}{\lambda_\nu + \kappa}\right)",
)
FORMS = {  # statement, LaTeX, tampered LaTeX
    "sum": (KAPPA.right, KAPPA.right_latex, (
        KAPPA.right_latex.replace("1 -", "1 +"),
        KAPPA.right_latex.replace(r"\frac{1}{n} ", ""),
        KAPPA.right_latex.replace(r"\frac{\lambda_\nu}", r"\frac{\lambda_\nu^2}"),
        r"\kappa \left(1 - \frac{1}{n} \lambda_\nu \sum_\nu \frac{1}{\lambda_\nu + \kappa}\right)",
        KAPPA.right_latex.replace(r"\sum", r"\prod"),
    )),
    "sum and more": (
        Total(s.lam_nu, s.nu) + s.lam_nu, r"\sum_{\nu} \lambda_\nu + \lambda_\nu",
        (r"\sum_\nu \left(\lambda_\nu + \lambda_\nu\right)",),
    ),
    "product": (
        Product(1 + s.lam_nu / s.kappa, s.nu) ** 2,
        r"\left(\prod_\nu \left(1 + \frac{\lambda_\nu}{\kappa}\right)\right)^2",
        (r"\left(\prod_\nu \left(1 - \frac{\lambda_\nu}{\kappa}\right)\right)^2",
         r"\left(\sum_\nu \left(1 + \frac{\lambda_\nu}{\kappa}\right)\right)^2"),
    ),
    "mean": (
        sp.log(Mean(s.w / (1 + s.kappa * s.w), MODE)), r"\ln \overline{\frac{w}{1 + \kappa w}}",
        (r"\overline{\ln \frac{w}{1 + \kappa w}}", r"\ln \frac{\overline{w}}{1 + \kappa w}"),
    ),
    "trace": (
        Trace(s.A * (s.A + s.kappa) ** -1 * s.B), r"\operatorname{Tr}\left(\mathbf{A}"
        r" (\mathbf{A} + \kappa)^{-1} \mathbf{B}\right)",
        (r"\operatorname{Tr}\left(\mathbf{A} (\mathbf{A} + \kappa)^{-1}\right)",
         r"\operatorname{Tr}\left(\mathbf{A} (\mathbf{A} - \kappa)^{-1} \mathbf{B}\right)"),
    ),
    "order of factors": (
        Trace(s.A * s.B * s.A * s.B**2),
        r"\operatorname{Tr}(\mathbf{A} \mathbf{B} \mathbf{A} \mathbf{B}^2)",
        (r"\operatorname{Tr}(\mathbf{A}^2 \mathbf{B}^3)",),
    ),
    "softmax": (
        Total(s.lam_nu * softmax(-s.lam_nu**2 / s.kappa, s.nu), s.nu),
        r"\sum_\nu \lambda_\nu \operatorname{softmax}_\nu"
        r"\left(-\frac{\lambda_\nu^2}{\kappa}\right)",
        (r"\sum_\nu \lambda_\nu \operatorname{softmax}_\nu"
         r"\left(\frac{\lambda_\nu^2}{\kappa}\right)",),
    ),
    "cases": (
        sp.Piecewise((s.a / s.kappa, s.a < s.kappa), (1, True)),
        r"\begin{cases} \frac{a}{\kappa} & \text{if } a < \kappa \\"
        r" 1 & \text{otherwise} \end{cases}",
        (r"\begin{cases} \frac{a}{\kappa} & a > \kappa \\ 1 & \text{otherwise} \end{cases}",
         r"\begin{cases} \frac{a}{\kappa} & a < 2\kappa \\ 1 & \text{otherwise} \end{cases}",
         r"\begin{cases} \frac{a}{\kappa} & a < \kappa \\ -1 & \text{otherwise} \end{cases}"),
    ),
    "sgn": (
        sp.sign(s.a) * s.kappa, r"\kappa \operatorname{sgn}(a)",
        (r"\kappa", r"-\kappa \operatorname{sgn}(a)"),
    ),
    "normal cdf": (
        normal_cdf((s.a - s.kappa) / s.n), r"\Phi\left(\frac{a - \kappa}{n}\right)",
        (r"\Phi\left(\frac{a + \kappa}{n}\right)", r"\Phi\left(\frac{\kappa - a}{n}\right)"),
    ),
    "digamma": (
        sp.digamma(s.n / 2) - sp.log(s.n), r"\psi\left(\frac{n}{2}\right) - \ln n",
        (r"\psi(n) - \ln n", r"\psi\left(\frac{n}{2}\right) + \ln n"),
    ),
    "integral": (
        sp.Integral(sp.exp(-s.w * s.kappa), (s.w, s.q_0, s.n)),
        r"\int_{q_0}^{n} e^{-w \kappa}\, \mathrm{d}w",
        (r"\int_{q_0}^{n} e^{w \kappa}\, \mathrm{d}w",
         r"\int_{n}^{q_0} e^{-w \kappa}\, \mathrm{d}w",
         r"\int_{q_0}^{\kappa} e^{-w \kappa}\, \mathrm{d}w"),
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_is_printed_is_what_is_stated(name):
    statement, printed, tampered = FORMS[name]
    assert not differs(statement, printed)
    for wrong in tampered:
        assert differs(statement, wrong), wrong


def test_the_printed_form_of_an_operation_is_read_back():
    for name in ("sum", "product", "trace"):
        statement = FORMS[name][0]
        assert not differs(statement, sp.latex(statement)), sp.latex(statement)
    assert sp.latex(Mean(s.w, MODE)) == r"\overline{w}"


def test_written_out_over_two_values():
    one, two = (s.lam_nu.at(s.nu, n) for n in (1, 2))
    assert one != two and one.is_positive and not one.index
    assert Total(s.nu * s.lam_nu, s.nu).expanded() == one + 2 * two
    assert Product(s.lam_nu, s.nu).expanded() == one * two
    assert sp.expand(Mean(s.lam_nu, s.nu).expanded() - (one + two) / 2) == 0
    assert Total(s.lam_nu * s.kappa, s.nu).free_symbols == {s.lam_nu, s.kappa}
    for operation in (Total, Product, Mean):
        term = operation(1 + s.lam_nu * s.kappa**2, s.nu)
        slope = term.diff(s.kappa).replace(
            lambda e: isinstance(e, Total | Product), lambda e: e.expanded()
        )
        assert sp.simplify(slope - term.expanded().diff(s.kappa)) == 0


def test_numbers_of_sums():
    lam, kappa = RNG.uniform(0.1, 2, 7), RNG.uniform(0.1, 2, (3, 2))
    value = KAPPA.function(s.kappa, s.n, s.lam_nu)(kappa, 5, lam)
    plain = kappa * (1 - (lam / (lam + kappa[..., None])).sum(axis=-1) / 5)
    assert value.shape == (3, 2) and value == pytest.approx(plain, rel=1e-14)
    assert KAPPA.function(s.lam_nu, s.kappa, s.n)(lam, 0.3, 5.0).shape == ()
    derivative = law(KAPPA.right.diff(s.kappa), "").function(s.kappa, s.n, s.lam_nu)
    step = 1e-6 * (KAPPA.function(s.kappa, s.n, s.lam_nu)(0.3 + 1e-6, 5, lam)
                   - KAPPA.function(s.kappa, s.n, s.lam_nu)(0.3 - 1e-6, 5, lam)) / 2e-12
    assert derivative(0.3, 5, lam) == pytest.approx(step, rel=1e-8)


def test_numbers_of_products_means_and_shares():
    lam, kappa = RNG.uniform(0.1, 2, (4, 7)), RNG.uniform(0.1, 2, 4)
    product = law(FORMS["product"][0], "").function(s.lam_nu, s.kappa)(lam, kappa)
    assert product == pytest.approx(np.prod(1 + lam / kappa[:, None], axis=1) ** 2, rel=1e-13)
    share = law(softmax(s.lam_nu / s.kappa, s.nu), "").function(s.lam_nu, s.kappa)(lam, kappa)
    assert share == pytest.approx(special.softmax(lam / kappa[:, None], axis=1), rel=1e-13)
    both = law(Total(s.lam_nu, s.nu) * Mean(s.w, MODE), "").function(s.w, s.lam_nu)
    assert both(lam[0, :3], lam[1]) == pytest.approx(lam[0, :3].mean() * lam[1].sum(), rel=1e-14)


def test_numbers_of_traces_and_functions():
    A, B = RNG.standard_normal((2, 5, 5))
    trace = law(FORMS["trace"][0], "").function(s.A, s.B, s.kappa)(A, B, 0.3)
    assert trace == pytest.approx(np.trace(A @ np.linalg.inv(A + 0.3 * np.eye(5)) @ B), rel=1e-12)
    x = np.linspace(-2, 3, 11)
    for name, plain in {
        "cases": np.where(x < 0.7, x / 0.7, 1), "sgn": np.sign(x) * 0.7,
        "normal cdf": stats.norm.cdf((x - 0.7) / 1.5),
    }.items():
        value = law(FORMS[name][0], "").function(s.a, s.kappa, s.n)(x, 0.7, 1.5)
        assert value == pytest.approx(plain, rel=1e-12), name
    value = law(FORMS["digamma"][0], "").function(s.n)(x[6:])
    assert value == pytest.approx(special.psi(x[6:] / 2) - np.log(x[6:]), rel=1e-12)


def test_entire_exponential_integral():
    """Ein(x) is the integral of (1 - exp(-t)) / t from 0, so it is 0 there; by its series."""
    for x in (0.1, 1.0, 3.0):
        series = sum((-1) ** (n + 1) * x**n / n / math.factorial(n) for n in range(1, 40))
        assert float(ein(sp.Float(x)).evalf()) == pytest.approx(series, rel=1e-12)


def test_a_trace_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="sums, products and powers"):
        Trace(sp.exp(s.A)).expanded()
    with pytest.raises(ValueError, match="size of the matrix"):
        law(Trace(s.kappa), "").function(s.kappa)


@pytest.mark.parametrize("wrong, why", [
    (r"\sum_{i=1}^n \lambda_\nu", "index of the notation"), (r"\sum \lambda_\nu", "index"),
    (r"\sum_\kappa \lambda_\nu", "index of the notation"), (r"\overline{\kappa}", "carry 0"),
    (r"\overline{w \lambda_\nu}", "carry 2"), (r"\frac{1}{m}", "not in the notation"),
])
def test_what_cannot_be_read_is_an_error(wrong, why):
    with pytest.raises(ValueError, match=why):
        latex.parse(wrong, LETTERS)


def test_letters_may_mean_another_thing_in_another_part():
    module = SimpleNamespace(__name__="new", Core=Core, s=s, law=KAPPA)
    laws, part_of, parts, names = collect([module])
    assert laws == {"eq-x": KAPPA} and part_of == {"eq-x": "sample-size"}
    assert {s.z, s.kappa, s.n} <= set(parts["sample-size"]) and names["kappa"] is s.kappa
    for letter, former in ((s.kappa, old.cumulant), (s.z, old.z), (s.n, old.n)):
        assert letter.latex == former.latex and letter != former
    assert not equations.check_letters("sample-size", LETTERS)
    assert equations.check_letters("foundations", (*notation("foundations"), s.kappa))
    assert equations.check_law(law(old.power, "P"), LETTERS)  # a letter of another part


def test_letters_with_one_name_are_refused():
    for name, symbol in (("kappa", "other"), ("other", "kappa_scale")):
        twin = type("s", (Core,), {"part": "x", name: data(symbol, "q", "m")})
        with pytest.raises(ValueError, match="kappa"):
            collect([SimpleNamespace(__name__="a", s=s), SimpleNamespace(__name__="b", s=twin)])
    with pytest.raises(ValueError, match="group"):
        Letter("x", "x", "m", group="letters")


def test_a_letter_is_a_symbol():
    assert s.kappa.is_positive and s.a.is_positive is None and sp.latex(s.kappa**2) == r"\kappa^{2}"
    assert sp.lambdify(s.kappa, s.kappa**2)(3) == 9
    import pickle

    again = pickle.loads(pickle.dumps(old.rho_sum))
    assert again == old.rho_sum and again.definition == old.rho_sum.definition


def test_every_letter_has_a_meaning_and_every_law_its_part():
    for letters in PARTS.values():
        assert all(letter.meaning for letter in letters)
    assert all(law.left not in (law.right,) for law in BOOK.values())
