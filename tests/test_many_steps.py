"""Very many steps at once are those steps; calls on several processes come back in order."""

import numpy as np
import pytest

from specbook.experiments import in_parallel, many_steps


def test_many_steps_are_those_steps():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((4, 4))
    curvature, push = root @ root.T / 40, rng.standard_normal((3, 4))
    counts = np.array([0, 7, 1, 64, 63])
    weights, expected = np.zeros((3, 4)), {}
    for step in range(counts.max() + 1):
        expected[step] = weights
        weights = weights - weights @ curvature + push
    found = many_steps(curvature, push, counts)
    assert np.allclose(found, [expected[count] for count in counts], rtol=1e-12)
    far = many_steps(curvature, push, [10**12])[0]
    assert np.allclose(far @ curvature, push)  # nothing moves any more


@pytest.mark.parametrize("change, name", [
    (dict(lost=np.eye(3)), "lost"), (dict(steps=[-1]), "steps"), (dict(steps=[0.5]), "steps"),
    (dict(steps=[]), "steps"), (dict(steps=3), "steps"),
])
def test_many_steps_errors(change, name):
    with pytest.raises(ValueError, match=name):
        many_steps(**{"lost": np.eye(2), "push": np.ones((1, 2)), "steps": [1], **change})


def test_calls_on_processes_keep_their_order():
    assert in_parallel(divmod, [(7, 2), (9, 4), (5, 5)]) == [(3, 1), (2, 1), (1, 0)]
    assert in_parallel(str, zip("abc"), workers=1) == ["a", "b", "c"]
