"""theory.linear with a penalty on the weights, against routes that do not share its code."""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from specbook import noise, theory

CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parent / "oracles" / "synthesis.json").read_text()
    )["cases"]
}
LAM = np.array([0.0, 1e-8, 1e-2, 1.0, 1e4])


# --- reference values made by brute force -----------------------------------------------------


@pytest.mark.parametrize("case", ["syn-01", "syn-02"])
def test_oracle_variance(case):
    given, rows = CASES[case]["inputs"], CASES[case]["rows"]
    assert len(rows) >= 12
    for row in rows:
        law = theory.linear(row["x"], q0=row["q"], ridge=row["gamma"])
        tau = np.inf if row["c"] == "inf" else row["c"] / 2
        value = law.generated_variance(tau, given["s0"] ** 0.5, given["sT"] ** 0.5)
        assert value == pytest.approx(float(row["V"]), rel=1e-12), row


@pytest.mark.holds("eq-euler", "eq-heun")
def test_oracle_sampler():
    for row in CASES["syn-08"]["rows"]:
        levels = noise.edm_schedule(row["K"], end_at_zero=True)
        for method in ("heun", "euler"):
            value = theory.linear(row["lam"]).generated_variance(
                np.inf, sampling=theory.Sampling(sigmas=levels, method=method)
            )
            assert value == pytest.approx(float(row[f"V_{method}"]), rel=1e-11)


# --- 30 digits ---------------------------------------------------------------------------------


def exact_gain(lam, ridge, q0, c, noisy):
    rate = lam + ridge + noisy
    return lam / rate * -mp.expm1(-c * rate) + q0 * mp.exp(-c * rate)


def exact_variance(lam, ridge, q0, tau, low, high):
    """The flow of the gain by quadrature with 30 digits."""
    with mp.workdps(30):
        lam, ridge, q0, low, high = (mp.mpf(float(v)) for v in (lam, ridge, q0, low, high))
        c = 2 * mp.mpf(float(tau))
        # the gain turns where the noise passes variance + ridge, or the clock's inverse
        turns = [mp.log(v) for v in (lam + ridge, 1 / c if c else 0) if v > 0]
        edges = {2 * mp.log(low), 2 * mp.log(high)}
        for turn in turns:
            edges |= {turn + k for k in range(-40, 9, 3)}
        edges = sorted(e for e in edges if 2 * mp.log(low) <= e <= 2 * mp.log(high))
        kept = mp.quad(lambda u: exact_gain(lam, ridge, q0, c, mp.exp(u)), edges)
        return low**2 * mp.exp(kept)


def test_variance_to_1e_12_over_the_whole_range():
    rng = np.random.default_rng(3)
    for i in range(20):
        lam, ridge = 10 ** rng.uniform(-8, 4), 10 ** rng.uniform(-8, 3)
        tau = 0.0 if i == 0 else 10 ** rng.uniform(-10, 7)
        q0 = rng.choice([0.0, 0.1, 1.0, 1.3])
        low, high = (0.002, 80.0) if i % 2 else (0.03, 9.0)
        if i % 10 == 3:
            lam = 0.0
        law = theory.linear(lam, q0=q0, ridge=ridge)
        exact = exact_variance(lam, ridge, q0, tau, low, high)
        assert abs(float(law.generated_variance(tau, low, high) / exact - 1)) < 1e-12
        sigma = 10 ** rng.uniform(-3, 2)
        with mp.workdps(30):
            gain = exact_gain(*(mp.mpf(float(v)) for v in (lam, ridge, q0, 2 * tau, sigma**2)))
        assert law.gain(sigma, tau) == pytest.approx(float(gain), rel=1e-12, abs=1e-290)


# --- limits ------------------------------------------------------------------------------------


def test_limits():
    for q0 in (0.0, 0.5, 1.0):
        law = theory.linear(LAM, q0=q0, ridge=0.3)
        start = 80 ** (2 * q0) * 0.002 ** (2 - 2 * q0)
        assert np.allclose(law.generated_variance(0.0), start, rtol=1e-13, atol=0)
        # eigenvalue / (eigenvalue + ridge) as exponents of both ends: F of the synthesis
        rate = LAM + 0.3
        a, b = 0.3 / rate, LAM / rate
        end = 80**2 * (0.002 / 80) ** (2 * a) * ((rate + 4e-6) / (rate + 6400)) ** b
        assert np.allclose(law.generated_variance(np.inf), end, rtol=1e-12, atol=0)
        assert np.array_equal(law.gain(2.0, np.inf), LAM / (LAM + 4 + 0.3))
        assert np.array_equal(law.gain(2.0, 0.0), np.full(5, q0))
    nothing = theory.linear(0.0, ridge=0.3)
    assert np.allclose(nothing.generated_variance([0.0, 1.0, np.inf]), 4e-6, rtol=1e-13, atol=0)


def test_no_ridge_is_the_law_without_one_to_the_last_bit():
    tau, grid = np.append(np.geomspace(1e-9, 1e6, 30), np.inf), np.geomspace(80, 0.002, 9)
    plain, none = theory.linear(LAM, q0=0.2), theory.linear(LAM, q0=0.2, ridge=np.zeros(5))
    assert np.array_equal(plain.gain([0.1, 9.0], tau), none.gain([0.1, 9.0], tau))
    assert np.array_equal(plain.generated_variance(tau), none.generated_variance(tau))
    small = theory.linear(LAM, q0=0.2, ridge=1e-14)
    for how in ({}, {"sigmas": grid}):
        value = small.generated_variance(tau, **how)
        assert np.allclose(value[:, 2:], plain.generated_variance(tau, **how)[:, 2:], rtol=1e-10)


def test_trained_modes_collapse_with_the_last_noise_level():
    lam, ridge, low = np.array([0.05, 0.5, 2.0]), 0.1, np.array([1e-4, 1e-6])
    law = theory.linear(lam, ridge=ridge)
    ends = [law.generated_variance(np.inf, s, 80.0) for s in low]
    slope = np.log(ends[1] / ends[0]) / (2 * np.log(low[1] / low[0]))
    assert slope == pytest.approx(ridge / (lam + ridge), rel=1e-6)
    high = 1e6  # s_T to infinity: s_0^a (lam + ridge + s_0)^b
    far = law.generated_variance(np.inf, 1e-3, high)
    a = ridge / (lam + ridge)
    assert far == pytest.approx(1e-6**a * (lam + ridge + 1e-6) ** (1 - a), rel=1e-9)


# --- gradient flow on the penalised loss ---------------------------------------------------------


def integrated(lam, ridge, tau, eta, q0, mean, b0, low, high):
    """Covariance and mean by Runge–Kutta; the gradient is a difference of the loss itself."""
    d = len(lam)
    start = np.column_stack([np.diag(np.broadcast_to(q0, d)), np.broadcast_to(b0, d)]).ravel()

    def loss(theta, sigma):
        w, b = theta.reshape(d, d + 1)[:, :d], theta.reshape(d, d + 1)[:, d]
        missed = w - np.eye(d)
        clean = np.trace(missed * lam @ missed.T) + ((missed @ mean + b) ** 2).sum()
        return clean + sigma**2 * (w**2).sum() + ridge * (w**2).sum()

    def trained(sigma):
        def slope(_, theta):  # central differences of a quadratic are exact
            steps = 0.5 * np.eye(theta.size)
            return [-eta * (loss(theta + h, sigma) - loss(theta - h, sigma)) for h in steps]

        out = solve_ivp(slope, (0, tau), start, method="LSODA", rtol=1e-9, atol=1e-11)
        return out.y[:, -1].reshape(d, d + 1)

    def flow(log_sigma, y):
        theta, y = trained(np.exp(log_sigma)), y.reshape(d, d + 1)
        out = y - theta[:, :d] @ y
        out[:, d] -= theta[:, d]
        return out.ravel()

    begin = np.column_stack([np.eye(d) * high, np.zeros(d)]).ravel()
    ends = np.log(high), np.log(low)
    y = solve_ivp(flow, ends, begin, method="DOP853", rtol=1e-6, atol=1e-9).y[:, -1]
    y = y.reshape(d, d + 1)
    return y[:, :d] @ y[:, :d].T, y[:, d], trained(0.5 * (low + high))


@pytest.mark.holds("eq-gain", "eq-noncentred")
@pytest.mark.parametrize("mean", [[0.0, 0.0], [0.8, -0.5]])
def test_against_integration(mean):
    lam, ridge, tau, eta, low, high = np.array([1.5, 0.2]), 0.3, 0.6, 0.7, 0.4, 3.0
    q0, b0, mean = [0.1, 0.4], [0.3, 0.0], np.array(mean)
    law = theory.linear(lam, eta, q0, ridge=ridge, mean=mean, b0=b0)
    assert isinstance(law, theory.CoupledLaw) == bool(mean.any())
    covariance, average, theta = integrated(lam, ridge, tau, eta, q0, mean, b0, low, high)
    between = 0.5 * (low + high)
    assert np.allclose(law.gain(between, tau), np.diag(theta[:, :2]), rtol=1e-7)
    assert np.allclose(law.bias(between, tau), theta[:, 2], rtol=1e-7, atol=1e-9)
    assert np.allclose(law.generated_variance(tau, low, high), np.diag(covariance), rtol=2e-5)
    assert np.allclose(law.generated_mean(tau, low, high), average, rtol=2e-5, atol=1e-7)
    shift, inverse = average - mean, np.diag(1 / lam)
    kl = np.trace(inverse @ covariance) - 2 - np.linalg.slogdet(inverse @ covariance)[1]
    kl = (kl + shift @ inverse @ shift) / 2
    assert law.kl(tau, "generated||data", low, high) == pytest.approx(kl, rel=1e-4)


def test_descent_on_samples_with_weight_decay():
    """Plain descent on a sample's second moments; halved steps, extrapolated to the flow."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 4)) * [1.5, 1.0, 0.6, 0.2]
    second = x.T @ x / len(x)
    lam, modes = np.linalg.eigh(second)
    ridge, sigma, tau = 0.2, 0.4, 0.8

    def descended(steps):
        w = 0.1 * np.eye(4)
        for _ in range(steps):
            w = w - tau / steps * 2 * (w @ (second + sigma**2 * np.eye(4)) - second + ridge * w)
        return np.diag(modes.T @ w @ modes)

    found = 2 * descended(16_000) - descended(8_000)
    gain = theory.linear(lam, q0=0.1, ridge=ridge).gain(sigma, tau)
    assert gain == pytest.approx(found, rel=1e-7)


# --- what follows from the curves ----------------------------------------------------------------


@pytest.mark.parametrize("q0", [0.0, 1.0])
@pytest.mark.parametrize("mean", [0.0, 0.7])
def test_emergence(mean, q0):
    lam = np.array([0.02, 0.5, 3.0])
    law = theory.linear(lam, eta=0.5, q0=q0, ridge=0.1, mean=mean)
    start, end = law.generated_variance([0.0, np.inf])
    times = law.emergence_time("geometric", target="final")
    assert np.isfinite(times).all()
    at = [law.generated_variance(t)[k] for k, t in enumerate(times)]
    assert at == pytest.approx(np.sqrt(start * end), rel=1e-8)
    times = law.emergence_time("geometric")  # towards the data, some of which are never reached
    level = np.sqrt(start * lam)
    assert np.isfinite(times[(start > level) != (end > level)]).all()
    for k in np.flatnonzero(np.isfinite(times)):
        assert law.generated_variance(times[k])[k] == pytest.approx(level[k], rel=1e-8)


def test_divergence():
    law, tau = theory.linear([2.0, 0.3], q0=0.1, ridge=[0.1, 0.4]), [0.1, 3.0, np.inf]
    ratio = law.generated_variance(tau) / [2.0, 0.3]
    assert law.kl(tau) == pytest.approx(((ratio - 1 - np.log(ratio)) / 2).sum(axis=1), rel=1e-12)


@pytest.mark.filterwarnings("error")
def test_finite_everywhere():
    tau = np.concatenate([[0.0, 5e-324], np.geomspace(1e-20, 1e8, 30), [1e300, np.inf]])
    for ridge in (1e-12, 1.0, 1e6, [0.0, 0.0, 1e-3, 0.0, 10.0]):
        law = theory.linear(LAM, q0=0.3, ridge=ridge)
        assert np.isfinite(law.generated_variance(tau)).all()
        law.emergence_time("harmonic"), law.emergence_time("harmonic", target="final")
        assert np.isfinite(theory.linear(LAM[1:], ridge=0.1).kl(tau)).all()


@pytest.mark.parametrize("bad, words", [
    (-0.1, "ridge must be at least 0"), (np.nan, "ridge contains NaN"), ("a", "ridge must be"),
    ([0.1, 0.2, 0.3], "ridge has shape"), (np.inf, "ridge contains infinity"),
])
def test_errors_name_the_argument(bad, words):
    with pytest.raises(ValueError, match=words):
        theory.linear([1.0, 2.0], ridge=bad)
