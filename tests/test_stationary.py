"""Second moments that are the same at every place: against each wave by itself."""

import numpy as np
import pytest

from specbook import stationary
from specbook.spectrum import power_spectrum


@pytest.mark.parametrize("shape", [(6,), (5,), (2, 3), (3, 4), (1, 4)])
def test_power_of_a_covariance_is_that_of_all_shifts(shape):
    d = int(np.prod(shape))
    root = np.random.default_rng(d).standard_normal((d, d))
    cov = root @ root.T
    places = np.indices(shape).reshape(len(shape), -1)
    found = stationary.power(cov, shape)
    assert found.shape == shape
    for k in range(d):  # each wave by itself
        turns = np.unravel_index(k, shape) @ (places / np.array(shape)[:, None])
        wave = np.exp(2j * np.pi * turns) / np.sqrt(d)
        assert found.ravel()[k] == pytest.approx((wave.conj() @ cov @ wave).real, rel=1e-12)
    assert found.sum() == pytest.approx(np.trace(cov))


def test_power_of_pictures_by_both_routes():
    x = np.random.default_rng(3).standard_normal((200, 4, 6)).cumsum(axis=2)
    x = x - x.mean()  # one mean for all pixels
    moments = np.tensordot(x, x, (0, 0)).reshape(24, 24) / 200
    assert stationary.power(moments, (4, 6)) == pytest.approx(power_spectrum(x), rel=1e-10)


def test_power_of_channels():
    x = np.random.default_rng(4).standard_normal((50, 4, 5, 3)) @ np.triu(np.ones((3, 3))) + 2.0
    found = stationary.channel_power(x)
    assert found.shape == (4, 5, 3, 3)
    z = np.fft.fft2(x - x.mean(axis=(0, 1, 2)), axes=(1, 2), norm="ortho")
    assert np.allclose(found, np.einsum("nyxa,nyxb->yxab", z, z.conj()) / 50, atol=1e-12)
    for c in range(3):
        assert found[..., c, c].real == pytest.approx(power_spectrum(x[..., c]), rel=1e-12)


@pytest.mark.holds("eq-local-patch-covariance")
@pytest.mark.parametrize("shape", [(7,), (5, 6)])
def test_patches_of_all_places(shape):
    """Against the covariance of patches that are cut out at every place of every shift."""
    x = np.random.default_rng(5).standard_normal((30, *shape)).cumsum(axis=1)
    x = x - x.mean()
    axes = tuple(range(1, x.ndim))
    power = (np.abs(np.fft.fftn(x, axes=axes, norm="ortho")) ** 2).mean(axis=0)
    cuts = [
        np.roll(x, shift, axes)[(slice(None), *[slice(3)] * len(shape))].reshape(30, -1)
        for shift in np.ndindex(shape)
    ]
    cuts = np.concatenate(cuts)
    assert stationary.patch_covariance(power, 3) == pytest.approx(cuts.T @ cuts / len(cuts))


@pytest.mark.parametrize("call, name", [
    (lambda: stationary.patch_covariance([2.0, 1.0, 1.0], 4), "side"),
    (lambda: stationary.patch_covariance([2.0, 1.0, 1.0], 0), "side"),
    (lambda: stationary.patch_covariance([2.0, 1.0, 0.5], 2), "power"),
    (lambda: stationary.power(np.ones((2, 3)), 2), "covariance_matrix"),
    (lambda: stationary.power([1.0, 2.0], 2), "covariance_matrix"),
    (lambda: stationary.power([[1.0, 2.0], [0.0, 1.0]], 2), "covariance_matrix must be symmetric"),
    (lambda: stationary.power([[1.0, 2.0], [2.0, 1.0]], 2), "covariance_matrix has a negative"),
    (lambda: stationary.power([[np.nan]], 1), "covariance_matrix"),
    (lambda: stationary.power(np.eye(4), (2, 3)), "size"),
    (lambda: stationary.power(np.eye(4), (2, 2.0)), "size"),
    (lambda: stationary.power(np.eye(8), (2, 2, 2)), "size"),
    (lambda: stationary.channel_power(np.ones((2, 3, 4))), "images"),
    (lambda: stationary.channel_power(np.ones((1, 3, 4, 2))), "images"),
    (lambda: stationary.channel_power(1e200 * np.eye(4).reshape(2, 2, 2, 2)), "images.*overflow"),
])
def test_bad_input_is_named(call, name):
    with pytest.raises(ValueError, match=name):
        call()


def test_power_forgives_rounding():
    power = stationary.power(np.ones((3, 3)), 3)
    assert power == pytest.approx([3.0, 0.0, 0.0]) and power.min() >= 0
