"""What the doctor computes: arithmetic first, then laws and training against known values.

Each check returns its state and what it found, and advice where something is to do. Its name in
the report is the first line of its docstring. The bounds are those of the arithmetic (a few
rounding errors of the type), not of this machine.
"""

import json
from functools import cache
from importlib.resources import files

import numpy as np

BLAS = "The linear algebra under NumPy is broken. Reinstall: pip install --force-reinstall numpy"
TORCH = "Reinstall PyTorch for this machine (pytorch.org), and try again."
DIFFER = "will differ a little from the book's: its versions are in requirements.txt."
OURS = "Update specbook, numpy and scipy. If that does not help, please report it."


def verdict(error, bound, what, advice, state="FAILED"):
    """Finding for an error that should be at most `bound`."""
    found = f"{what} {error:.1e} (at most {bound:.0e})"
    return ("ok", found) if error <= bound else (state, found, advice)


def relative(value, expected):
    """Largest relative difference."""
    value, expected = np.asarray(value, float), np.asarray(expected, float)
    return float(np.max(np.abs(value / expected - 1)))


# --- arithmetic -----------------------------------------------------------------------------


def products():
    """products of matrices in float64"""
    rng = np.random.default_rng(0)
    whole = rng.integers(-(2**20), 2**20, size=(2, 200, 200))
    exact = whole[0] @ whole[1]  # integers: no linear algebra library
    off = int(np.sum(np.matmul(*whole.astype(float)) != exact))
    found = f"{off} of {exact.size} sums of whole numbers are wrong"
    return ("ok", found) if off == 0 else ("FAILED", found, BLAS)


def eigenvalues():
    """eigenvalues and modes in float64"""
    rng = np.random.default_rng(1)
    half = rng.standard_normal((120, 120))
    matrix = half @ half.T
    values, modes = np.linalg.eigh(matrix)
    error = np.abs(modes * values @ modes.T - matrix).max() / values[-1]
    return verdict(float(error), 1e-13, "relative residual", BLAS)


def functions():
    """exp, log and the exponential integral against fifty digits"""
    from mpmath import mp
    from scipy.special import exp1

    worst = 0.0
    with mp.workdps(50):
        for x in (1e-12, 0.01, 0.7, 1.0, 3.3, 40.0, 600.0):
            for ours, exact in ((np.exp(-x), mp.exp(-x)), (np.log(x + 1.5), mp.log(x + 1.5)),
                                (exp1(x), mp.expint(1, x))):
                worst = max(worst, abs(float(mp.mpf(float(ours)) / exact - 1)))
    return verdict(worst, 2e-14, "relative error", f"SciPy's functions are off. {OURS}")


def denormals():
    """numbers below 2e-308 are kept"""
    kept = {"NumPy": (np.array([1e-310]) * np.array([0.5])).item()}
    try:
        import torch

        kept["PyTorch"] = (torch.tensor([1e-310], dtype=torch.float64) * 0.5).item()
    except ImportError:  # said under the versions
        pass
    lost = [name for name, value in kept.items() if value == 0.0]
    if not lost:
        return "ok", f"yes ({', '.join(kept)})"
    advice = (
        "A library has switched the processor to flush them to 0. The laws do not need them;"
        " results in the last digits may differ from the book's."
    )
    return "note", f"flushed to 0 in {', '.join(lost)}", advice


def torch_float64():
    """PyTorch against NumPy in float64"""
    import torch

    a, b = np.random.default_rng(2).standard_normal((2, 200, 200))
    exact = a @ b
    error = np.abs((torch.from_numpy(a) @ torch.from_numpy(b)).numpy() - exact).max()
    return verdict(float(error / np.abs(exact).max()), 1e-14, "relative difference", TORCH)


def torch_float32():
    """PyTorch in float32 against float64, on each device"""
    import torch

    names = ["cpu"] + [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    if getattr(torch.backends, "mps", None) and torch.backends.mps.is_available():
        names.append("mps")
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn((2, 400, 400), generator=generator, dtype=torch.float64)
    exact = a @ b
    errors = {}
    for name in names:
        product = (a.float().to(name) @ b.float().to(name)).cpu().double()
        errors[name] = float((product - exact).abs().max() / exact.abs().max())
    found = f"relative error {', '.join(f'{e:.1e} on {name}' for name, e in errors.items())}"
    found += f"; matrix products: precision '{torch.get_float32_matmul_precision()}'"
    if torch.cuda.is_available():
        found += f", TF32 {'on' if torch.backends.cuda.matmul.allow_tf32 else 'off'}"
    if max(errors.values()) <= 1e-5:
        return "ok", found
    if max(errors.values()) <= 1e-2:
        advice = (
            "Products are rounded to fewer digits than float32 has (TF32 or bfloat16). For"
            " the book's numbers: torch.set_float32_matmul_precision('highest')."
        )
        return "note", found, advice
    return "FAILED", found, TORCH


ARITHMETIC = (products, eigenvalues, functions, denormals, torch_float64, torch_float32)


# --- known values ---------------------------------------------------------------------------


@cache
def reference(part):
    """Packaged values: "cases" were made by brute-force integration, without the closed forms."""
    text = files(__package__).joinpath("reference.json").read_text(encoding="utf-8")
    return json.loads(text)[part]


def evaluated(kind, given):
    """What the package's law gives for a case of the reference."""
    from .. import theory

    if kind == "weights_one_layer":
        return theory.linear_weights(
            given["Sigma"], given["sigma"], given["tau"], eta=given["eta"], weights=given["W0"]
        )[0]
    ends = given["sigma0"], given["sigmaT"]
    law = theory.linear(
        given.get("lam", given.get("lams")), eta=given["eta"], q0=given["Q"],
        b0=given.get("b0", 0.0), mean=given.get("data_mean", 0.0),
    )
    if kind == "emergence_time_one_layer":
        return law.emergence_time(given["criterion"], *ends)
    if kind == "generated_mean_one_layer":
        return law.generated_mean(given["tau"], *ends)
    if kind == "kl":
        return law.kl(given["tau"], "generated||data", *ends)
    return law.generated_variance(given["tau"], *ends)


def laws():
    """the law of the linear denoiser against brute-force integration"""
    errors = {case["id"]: relative(evaluated(case["kind"], case["input"]), case["expected"])
              for case in reference("cases")}
    worst = max(errors, key=errors.get)
    return verdict(errors[worst], 1e-9, f"{len(errors)} values; worst ({worst}): error", OURS)


def sampler():
    """the sampler comes to the exact law as its steps get smaller"""
    from .. import noise, theory
    from ..sampler import heun

    lam, tau = np.array([1.0, 0.03]), 0.4
    law = theory.linear(lam, q0=0.1)
    exact = law.generated_variance(tau)
    errors = []
    for levels in (100, 200):
        sigmas = noise.edm_schedule(levels)
        end = heun(lambda x, s: law.gain(s, tau) * x, np.full(2, sigmas[0]), sigmas)
        errors.append(np.abs(end**2 / exact - 1))
    order = float(np.log2(errors[0] / errors[1]).min())
    found = f"order {order:.2f} (second order), error {errors[1].max():.1e} at 200 noise levels"
    good = abs(order - 2) < 0.25 and errors[1].max() < 0.01
    return ("ok", found) if good else ("FAILED", found, OURS)


def training():
    """a trained denoiser against the law of the same steps"""
    import torch

    from .. import experiments, theory

    rng = np.random.default_rng(3)
    data = rng.standard_normal((64, 6)) * np.geomspace(1.0, 0.1, 6)
    data -= data.mean(axis=0)
    variances, modes = np.linalg.eigh(data.T @ data / len(data))
    tau = np.geomspace(0.03, 3.0, 5)
    plan = experiments.plan(variances, [0.1, 1.0], tau, cap=0.5)
    law = theory.descent_gain(variances, plan.sigmas, plan.steps, plan.rates, q0=0.2)
    error = 0.0
    for index, weights in experiments.descend(data, plan, q0=0.2, dtype=torch.float64):
        gain = np.einsum("im,sij,jm->sm", modes, weights[0].numpy(), modes)
        error = max(error, relative(gain, law[:, index]))
    return verdict(error, 1e-10, "largest relative difference of the gains", OURS)


def streams():
    """the random numbers of a seed are those of the book"""
    stored = reference("random")
    rng = np.random.default_rng(stored["seed"])
    drawn = {
        "standard_normal": rng.standard_normal(3),
        "integers": rng.integers(10**6, size=3),
        "random": rng.random(3),
    }
    off = [name for name, values in drawn.items() if relative(values, stored[name]) > 1e-15]
    if not off:
        return "ok", ", ".join(drawn)
    return "note", f"others from {', '.join(off)}", f"Seeded experiments {DIFFER}"


def photographs():
    """the bundled photographs are those of the book"""
    from ..data import photograph

    stored, off = reference("photographs"), []
    for name, (height, width, mean, std) in stored.items():
        grey = photograph(name)
        moments = relative([grey.mean(), grey.std()], [mean, std])
        if grey.shape != (height, width) or moments > 1e-3:
            off.append(name)
    if not off:
        return "ok", ", ".join(stored)
    return "note", f"others: {', '.join(off)}", f"Figures on photographs {DIFFER}"


KNOWN = (laws, sampler, training, streams, photographs)
