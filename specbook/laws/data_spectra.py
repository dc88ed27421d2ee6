"""Chapter data-spectra: the spectra of images."""

import sympy as sp

from .law import Law
from .letter import VAR, data
from .parts import Foundations


class s(Foundations):
    """Letters of this chapter, beside those of its part."""

    rank = data("k", "k", "number of a mode, counted from the largest variance; number of modes")
    rank_exponent = data("alpha", r"\alpha", r"exponent of the spectrum: it falls as $k^{-\alpha}$")
    condition = data("cond", r"\mathrm{cond}", "condition number: largest over smallest variance")
    freq = data("f", "f", "length of a spatial frequency", "cycles per pixel", "radial_frequency")
    fourier_exponent = data("alpha_F", r"\alpha_F",
        r"exponent of the power: it falls as $f^{-\alpha_F}$")
    floor = data("ell", r"\ell", "variance that a mode must exceed in order to count", VAR)
    m_2 = data("m_2", "m_2", "mean square of the contrast of a patch")
    m_4 = data("m_4", "m_4", "mean fourth power of the contrast of a patch")


_SQUARE = "stationary, isotropic, periodic square"

fourier_power = Law(
    label="eq-fourier-power", title="power spectrum of photographs",
    left=s.power, right=s.prefactor * s.freq**-s.fourier_exponent, right_latex=r"a f^{-\alpha_F}",
    provenance="stated", source="Field, JOSA A 4 (1987) 2379; Ruderman & Bialek, PRL 73 (1994) 814",
    conditions="a fit: direction ignored, between the lowest and the highest frequency of the grid",
    theory="measure.power_law",
)

mode_count = Law(
    label="eq-mode-count", title="number of modes up to a frequency",
    left=s.rank, right=sp.pi * s.dim * s.freq**2, right_latex=r"\pi d f^2",
    provenance="derived", source="area of a disc of frequencies, this chapter",
    conditions="square of d pixels, f at most one half; many modes",
)

rank_spectrum = Law(
    label="eq-rank-spectrum", title="variance of the k-th mode",
    left=s.lam, right=s.prefactor * (s.rank / (sp.pi * s.dim)) ** (-s.fourier_exponent / 2),
    right_latex=r"a \left(\frac{k}{\pi d}\right)^{-\alpha_F / 2}",
    provenance="derived", source="both laws before, this chapter",
    conditions=f"{_SQUARE}, power law; k up to pi d / 4",
)

rank_exponent = Law(
    label="eq-rank-exponent", title="exponent in rank from exponent in frequency",
    left=s.rank_exponent, right=s.fourier_exponent / 2, right_latex=r"\frac{\alpha_F}{2}",
    provenance="derived", source="slope of the law before, this chapter",
    conditions="two-dimensional images; as above, or with any dependence on direction",
)

condition = Law(
    label="eq-spectra-condition", title="condition number",
    left=s.condition, right=(s.dim / 2) ** (s.fourier_exponent / 2),
    right_latex=r"\left(\frac{d}{2}\right)^{\alpha_F / 2}",
    provenance="derived", source="corner over lowest frequency of the grid, this chapter",
    conditions=f"{_SQUARE} of even side, power law, brightness removed",
)

modes_above = Law(
    label="eq-modes-above", title="number of modes above a floor",
    left=s.rank, right=(s.lam_max / s.floor) ** (1 / s.rank_exponent),
    right_latex=r"\left(\frac{\lambda_{\max}}{\ell}\right)^{1 / \alpha}",
    provenance="derived", source="power law solved for the rank, this chapter",
    conditions="as long as the spectrum is one power law from its first mode on",
)

contrast_kurtosis = Law(
    label="eq-contrast-kurtosis", title="heavy tails from varying contrast",
    left=s.kurtosis, right=3 * (s.m_4 / s.m_2**2 - 1),
    right_latex=r"3\left(\frac{m_4}{m_2^2} - 1\right)", provenance="derived",
    source="Gaussian scale mixture: Wainwright & Simoncelli, NeurIPS 12 (2000); this chapter",
    conditions="a Gaussian patch of mean zero times an independent contrast",
)
