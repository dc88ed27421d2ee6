"""Claims, figures, exercises and the command line: what they accept and what they refuse."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from specbook import reading
from specbook.reading import figures
from specbook.reading.mime import CLAIM


def test_claim(capsys):
    reading.claim("a-b", -0.987, expected=-0.99, tol=0.01, because="oracle", form=".2f")
    assert "claim a-b (measured): −0.99 (expected −0.99 ± 0.01; oracle)" in capsys.readouterr().out


@pytest.mark.parametrize("value", [-0.97, np.nan, np.inf])
def test_claim_that_fails_stops(value):
    with pytest.raises(reading.ClaimError, match="a-b"):
        reading.claim("a-b", value, expected=-0.99, tol=0.01, because="oracle")


def test_claim_refuses_nonsense():
    with pytest.raises(ValueError, match="tol"):
        reading.claim("a-b", 1.0, expected=1.0, tol=0.0, because="oracle")
    with pytest.raises(ValueError, match="tol"):
        reading.claim("a-b", 1.0, expected=1.0, tol=np.inf, because="oracle")
    with pytest.raises(ValueError, match="because"):
        reading.claim("a-b", 1.0, expected=1.0, tol=0.1, because=" ")
    with pytest.raises(ValueError, match="kind"):
        reading.claim("a-b", 1.0, expected=1.0, tol=1.0, because="oracle", kind="guessed")
    with pytest.raises(ValueError, match="kind"):
        reading.statement("a-b", "it holds", True, because="test", kind="guessed")


def test_statement(capsys):
    reading.statement("a-b", "it holds", np.bool_(True), because="test")
    assert "“it holds”" in capsys.readouterr().out
    with pytest.raises(reading.ClaimError, match="it holds"):
        reading.statement("a-b", "it holds", False, because="test")


def test_claims_say_where_they_were_computed(monkeypatch):
    records = []
    monkeypatch.setattr(reading.claims, "show", lambda data, **_: records.append(data[CLAIM]))
    reading.claim("a-b", 1.0, expected=1.0, tol=0.1, because="oracle")
    reading.claim("a-c", 1.0, expected=1.0, tol=0.1, because="oracle", device="cuda")
    reading.statement("a-d", "it holds", True, because="test", device="mps")
    assert [record["device"] for record in records] == ["cpu", "cuda", "mps"]


def test_settings(capsys):
    reading.settings(("d", 64, "pixels"), ("", r"8 \times 8", "size"))
    assert "d = 64  (pixels)" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"settings: a bar in .* write \\lvert"):
        reading.settings(("", "|k|", "wave number"))


# form, value, expected, tolerance -> what a reader sees: text, value, expected, tolerance
IN_WORDS = {
    "percentages stay so": (".3%", 1.5222621e-4, 1.5222622e-4, 1e-8,
                            ("0.015223%", "0.015223%", "10⁻⁶ percentage points")),
    "digits of the tolerance": (".1f", 5.852514, 5.946055, 0.415355, ("5.85", "5.95", "0.42")),
    "at least those of the text": (".2f", 1.25, 1.27, 0.3, ("1.25", "1.27", "0.3")),
    "at most three more": (".2f", 0.16, 0.16000000004, 1e-9, ("0.16000", "0.16000", "10⁻⁹")),
    "two digits of a small one": (".2f", -1.105005, -1.1050058, 2.196e-5,
                                  ("−1.10501", "−1.10501", "2.2 × 10⁻⁵")),
    "a tolerance without spurious digits": (".0%", 0.536, 0.5333, 0.05,
                                            ("54%", "53%", "5 percentage points")),
    "rounded tolerances keep a zero": (".0f", 21.36, 21.52, 1.02246, ("21.4", "21.5", "1.0")),
    "counts": (".0f", 161.0, 161.0, 0.5, ("161", "161", "0.5")),
    "large ones": (".0f", 760.05, 775.26, 220.455, ("760", "775", "220")),
    "signs": ("+.2f", 0.149433, 0.149468, 7.28e-4, ("+0.14943", "+0.14947", "0.00073")),
    "powers in the text": (".1e", 1.2345e-5, 1.2345e-5, 1e-6,
                           ("0.0000123", "0.0000123", "10⁻⁶")),
}


@pytest.mark.parametrize("name", IN_WORDS)
def test_a_claim_in_the_unit_of_the_text(name):
    form, value, expected, tol, words = IN_WORDS[name]
    record = {"says": None, "form": form, "text": reading.claims.format_number(value, form),
              "value": value, "expected": expected, "tol": tol}
    assert tuple(reading.claims.in_words(record).values()) == words


def test_a_sentence_holds():
    words = reading.claims.in_words({"says": "it holds", "value": 1.0})
    assert words == {"value": "holds", "expected": "", "tol": ""}


def drawn():
    fig, axis = plt.subplots()
    axis.plot([1, 2, 3], [1, 4, 9], label="squares")
    axis.imshow(np.eye(3))
    return fig


def test_figure_carries_its_data():
    record = figures._axes_data(drawn().axes[0])
    assert record["lines"][0]["y"]["values"] == [1, 4, 9]
    assert record["lines"][0]["y"]["sum_of_squares"] == 98
    assert record["images"][0]["shape"] == [3, 3]
    long = figures._numbers(np.arange(1000.0))
    assert len(long["values"]) <= figures.LONGEST and long["sum"] == 499500
    assert figures._numbers([1.0, np.nan])["values"] == [1.0, None]


def test_figure_refuses_what_the_data_contradict(capsys):
    good = dict(caption="c", alt="A curve. It rises.", shows={"It rises": True})
    reading.figure(drawn(), "fig-a", **good)
    assert "It rises" in capsys.readouterr().out
    with pytest.raises(reading.ClaimError, match="It rises"):
        reading.figure(drawn(), "fig-a", **{**good, "shows": {"It rises": False}})
    with pytest.raises(ValueError, match="alt"):
        reading.figure(drawn(), "fig-a", **{**good, "shows": {"It falls": True}})
    with pytest.raises(ValueError, match="shows"):
        reading.figure(drawn(), "fig-a", **{**good, "shows": {}})
    with pytest.raises(ValueError, match="name"):
        reading.figure(drawn(), "a", **good)
    plt.close("all")


def test_exercise_judges():
    one = reading.Exercise("ex-a", 2.0, 1e-6, ((4.0, "You forgot the root."),), "a length")
    assert one.judge(2) == (True, "Right.")
    assert one.judge(4.0) == (False, "Not yet. You forgot the root.")
    assert not one.judge(3.0)[0]
    for nonsense in ([2.0, 2.0], "two", float("nan"), None):
        right, message = one.judge(nonsense)
        assert not right and message
    assert reading.Exercise("ex-b", np.ones(3), 1e-6).judge([1, 1, 1])[0]


def test_check(capsys):
    assert reading.check("ex-untrained", 0.16)
    assert not reading.check("ex-untrained", 0.4)
    assert "standard deviation" in capsys.readouterr().out
    with pytest.raises(ValueError, match="label"):
        reading.check("ex-none", 1.0)


def test_answers_of_the_chapter_by_another_route():
    from specbook import noise, theory

    book = reading.exercises()
    law = theory.linear(0.01)
    start = theory.linear(1.0, q0=0.5).generated_variance(0.0)
    assert book["ex-untrained"].answer == pytest.approx(start)
    half = law.gain(0.2, book["ex-half-time"].answer) / law.gain(0.2, np.inf)
    assert half == pytest.approx(0.5)
    n, exact = int(book["ex-heun-levels"].answer), law.generated_variance(np.inf)
    error = [abs(law.generated_variance(np.inf, sigmas=noise.edm_schedule(k)) / exact - 1)
             for k in (n - 1, n)]
    assert error[0] > 0.01 >= error[1]
    rate = book["ex-learning-rate"].answer
    grow = theory.descent_gain([1.0], [80.0], [500], [rate * 1.01])
    assert abs(theory.descent_gain([1.0], [80.0], [500], [rate * 0.99])).max() < 1 < abs(grow).max()


def test_answers_on_full_width_convolution_by_another_route():
    from specbook import stationary, theory

    book = reading.exercises()
    filter_ = theory.circulant_weights([4.0, 1.0, 0.0, 1.0], 1.0, np.inf)
    assert book["ex-circulant-filter"].answer == pytest.approx(filter_[1]) == pytest.approx(0.2)
    # one step of descent at the largest rate turns the gain error of the strongest wave around
    rate, noisy = book["ex-circulant-rate"].answer, 1 + 80.0**2
    assert 1 - 2 * 1024 * rate * noisy == pytest.approx(-1)
    steps = np.arange(1, 17)
    walk = np.minimum(steps[:, None], steps).astype(float)
    places = np.arange(16)
    of_shift = stationary.power(walk, 16)
    averaged = np.fft.ifft(of_shift).real[(places[:, None] - places) % 16]
    kl = np.trace(np.linalg.solve(averaged, walk)) - 16
    kl += np.linalg.slogdet(averaged)[1] - np.linalg.slogdet(walk)[1]
    assert book["ex-circulant-walk"].answer == pytest.approx(kl / 2)
    # a convolution that has learned all generates these powers, up to the finite noise range
    made = theory.circulant(of_shift).generated_variance(np.inf, 1e-6, 1e6)
    assert made == pytest.approx(of_shift, rel=1e-6)


@pytest.mark.parametrize("label, wrong", [
    ("ex-circulant-filter", (0.45, -0.05, 0.8)),
    ("ex-circulant-rate", (1 / 6401, 1 / 32 / 6401, 1 / 2048 / 6401)),
    ("ex-circulant-walk", (32.1, 16.05 / np.log(2), 1.0)),
])
def test_wrong_answers_on_full_width_convolution(label, wrong):
    for answer in wrong:
        right, message = reading.exercises()[label].judge(answer)
        assert not right and message.startswith("Not yet.")


def test_answers_on_emergence_by_another_route():
    from specbook import theory

    book = reading.exercises()
    # homogeneity, with a start at gain 0: values ten times as large
    old, new = (theory.linear(0.3 * scale**2).emergence_time("geometric", 0.002 * scale, 80 * scale)
                for scale in (1, 10))
    assert book["ex-emergence-pixels"].answer == pytest.approx(2 * new / old)
    pair = theory.preconditioned([25.0, 0.0025]).emergence_time("geometric", 1e-8, 1e8)
    assert book["ex-emergence-pair"].answer == pytest.approx(pair[1] / pair[0], rel=1e-6)
    ramp = theory.linear([4e-4, 1e-4], q0=0.5)
    level = ramp.variances  # the place 1: the targets themselves
    tau = np.geomspace(1e-12, 1e4, 4001)
    start = ramp.generated_variance(0.0, 1e-7, 1e7)
    curve = ramp.generated_variance(tau, 1e-7, 1e7)
    times = tau[(curve < level).argmax(axis=0)]
    assert (start > level).all()
    assert book["ex-emergence-ramp"].answer == pytest.approx(times[1] / times[0], rel=0.02)
    sigma_data = [theory.preconditioned(1.0, sigma_data=v).emergence_time("geometric")
                  for v in (0.25, 0.5)]
    assert book["ex-emergence-sigma-data"].answer == pytest.approx(sigma_data[0] / sigma_data[1])


def test_answers_of_flow_matching_by_another_route():
    from specbook import theory

    book = reading.exercises()
    pair = theory.flow_matching([9.0, 1 / 9]).emergence_time("geometric")
    assert book["ex-flow-mirror"].answer == pytest.approx(pair[1] / pair[0])
    t = 1 / 1.1
    rate = [np.log(2) / v for v in (1.0, (1 - t) ** 2)]  # time to half by each weight
    assert book["ex-flow-score"].answer == pytest.approx(rate[1] / rate[0])
    # best gain where it is positive, by the trapezoidal rule
    grid = np.linspace(1 / 1.04, 1, 20001)
    gain = (grid * 0.04 - (1 - grid)) / (grid**2 * 0.04 + (1 - grid) ** 2)
    assert book["ex-flow-tied"].answer == pytest.approx(np.exp(np.trapezoid(gain, grid)), rel=1e-7)
    law, n = theory.flow_matching(0.01), int(book["ex-flow-steps"].answer)
    error = [abs(law.generated_variance(np.inf, np.linspace(0, 1, k + 1)) / 0.01 - 1)
             for k in (n - 1, n)]
    assert error[0] > 0.01 >= error[1]


def test_answers_on_networks_by_another_route():
    from specbook import experiments, noise, theory

    book = reading.exercises()
    # a floor step**-4 from variance 1, and its crossings of the roots of both variances
    steps = [level ** (-1 / 4) for level in (np.sqrt(1e-2), np.sqrt(1e-4))]
    assert book["ex-networks-floor"].answer == pytest.approx(steps[1] / steps[0])
    width = experiments.width_for(lambda w: experiments.ResidualMLP(64, w, 1), 100_000)
    assert book["ex-networks-width"].answer == width
    perfect = theory.linear(0.0025).generated_variance(np.inf, sigmas=noise.edm_schedule(18))
    assert book["ex-networks-perfect"].answer == pytest.approx(perfect / 0.0025, rel=1e-9)
    # gradient of a shared weight: the sum over the places of a patch
    x = np.random.default_rng(0).standard_normal((1000, 8, 8))
    assert book["ex-networks-places"].answer == pytest.approx(
        (x**2).sum() / (x**2)[:, 0, 0].sum(), rel=0.1
    )


@pytest.mark.parametrize("label, wrong", [
    ("ex-networks-floor", (10.0, 3.162, 1.0)),
    ("ex-networks-places", (8.0, 9.0, 576.0)),
    ("ex-networks-width", (127, 129, 98, 97)),
    ("ex-networks-perfect", (1.0, 0.808, 1.19, 0.63)),
])
def test_wrong_answers_on_networks(label, wrong):
    for answer in wrong:
        right, message = reading.exercises()[label].judge(answer)
        assert not right and message.startswith("Not yet.")
