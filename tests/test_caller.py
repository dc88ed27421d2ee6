"""How a probe calls a model: whose network it is, and whose error."""

import functools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from specbook.experiments import from_diffusers, from_edm, from_epsilon, from_velocity
from specbook.experiments.caller import Caller
from specbook.experiments.modules_behind import modules_behind

X = np.random.default_rng(0).standard_normal((6, 4))
KEPT = [0.9, 0.5, 0.1]


class Net(nn.Module):
    """Float32, and says in which mode it is asked."""

    def __init__(self):
        super().__init__()
        self.inner, self.modes = nn.Linear(4, 4), []

    def forward(self, x, sigma):
        self.modes.append(self.training)
        return self.inner(x)

    def predict(self, x, sigma):
        return self(x, sigma)


NET, OTHER = Net(), nn.Linear(4, 4).half()


class Lightning(nn.Module):
    """Holds more than the network, and in another type."""

    def __init__(self):
        super().__init__()
        self.autoencoder, self.net = OTHER, NET

    def predict(self, x, sigma):
        return self.net(x, sigma)


class Wrapper:
    def __init__(self, net):
        self.net, self.discriminator = net, OTHER

    def __call__(self, x, sigma):
        return self.net(x, sigma)

    def predict(self, x, sigma):
        return self.net(x, sigma)


def through_a_helper(x, sigma):
    return torch.relu(NET(x, sigma))


@torch.no_grad()
def decorated(x, sigma):
    return NET(x, sigma)


def from_a_closure():
    net = NET
    return lambda x, sigma: (lambda y: net(y, sigma))(x)


def from_attributes():
    trainer = SimpleNamespace(ema=SimpleNamespace(model=NET), discriminator=OTHER, NET=OTHER)
    ema = trainer.ema
    return lambda x, sigma: ema.model(x, sigma)


WRAPPED, LIGHTNING = Wrapper(NET), Lightning()
HIDDEN = {
    "module": NET,
    "method": NET.predict,
    "global": lambda x, sigma: NET(x, sigma),
    "nested": lambda x, sigma: (lambda y: NET(y, sigma))(x),
    "helper": lambda x, sigma: through_a_helper(x, sigma),
    "closure": from_a_closure(),
    "attribute": from_attributes(),
    "default": lambda x, sigma, net=NET: net(x, sigma),
    "keyword": lambda x, sigma, *, net=NET: net(x, sigma),
    "partial": functools.partial(lambda net, x, sigma: net(x, sigma), NET),
    "decorated": decorated,
    "object": WRAPPED,
    "method of an object": WRAPPED.predict,
    "its method in a lambda": lambda x, sigma, w=WRAPPED: w.predict(x, sigma),
    "part of a module": lambda x, sigma: LIGHTNING.net(x, sigma),
    "method of a whole module": LIGHTNING.predict,
    "epsilon": from_epsilon(lambda x, t: NET(x, t)),
    "edm": from_edm(lambda x, t: NET(x, t)),
    "velocity": from_velocity(lambda x, t: NET(x[:, :4], t)),
    "diffusers": from_diffusers(
        lambda x, t: NET(x.flatten(1), t).view_as(x), shape=(1, 2, 2), alphas_cumprod=KEPT
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_the_network_is_found(name):
    model = HIDDEN[name]
    networks = modules_behind(model)
    assert sum(network is NET for network in networks) == 1
    assert not any(network is OTHER for network in networks)
    NET.train()
    NET.modes.clear()
    with Caller(model) as caller:
        assert caller.dtype == torch.float32
        assert caller(X, 0.5).shape == X.shape
    assert NET.modes and set(NET.modes) == {False}
    assert NET.training and NET.inner.training


def test_what_has_no_network():
    unbound = lambda x, sigma: (x, later)  # noqa: E731
    for model in (torch.tanh, lambda x, sigma: x, dict, np.tanh, unbound, SimpleNamespace()):
        assert modules_behind(model) == []
    assert Caller(lambda x, sigma: x.net).dtype == torch.float64
    if X is None:
        later = NET


def test_a_function_that_calls_itself():
    def model(x, sigma, again=True):
        return model(x, sigma, False) if again else NET(x, sigma)

    assert modules_behind(model) == [NET]


def test_a_name_is_looked_up_when_it_is_called():
    holder = SimpleNamespace(net=nn.Linear(4, 4))
    model = lambda x, sigma: holder.net(x)  # noqa: E731
    assert Caller(model).dtype == torch.float32
    holder.net = nn.Linear(4, 4).double()
    assert Caller(model).dtype == torch.float64


# --- errors -----------------------------------------------------------------------------------


class TheirError(Exception):
    pass


def raised(model, kind, **settings):
    with pytest.raises(kind) as caught, Caller(model, **settings) as caller:
        caller(X, 0.5)
    assert type(caught.value) is kind
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    (note,) = caught.value.__notes__
    return str(caught.value), note


@pytest.mark.parametrize("kind", [TheirError, KeyError, ZeroDivisionError, AttributeError])
def test_an_error_stays_as_it_is(kind):
    def model(x, sigma):
        raise kind("mine")

    text, note = raised(model, kind)
    assert "mine" in text and "sigma of shape (6,); with sigma of shape (): the same." in note


def test_the_note_says_how_it_was_called():
    def model(x, sigma):
        raise TheirError(f"got {tuple(sigma.shape)}")

    text, note = raised(model, TheirError)
    assert text == "got (6,)"
    for part in ("(6, 4)", "torch.float64 on cpu", "sigma of shape (6,)", "of shape (): Their"):
        assert part in note
    assert note.startswith("No weights were found") and "dtype" in note.split(":")[0]
    text, note = raised(lambda x, sigma: NET(x[:, :3], sigma), RuntimeError)
    assert note.startswith("The model was called") and "torch.float32 on cpu" in note
    nets = [nn.Linear(4, 4)]  # lists are not searched
    for model in (lambda x, sigma: nets[0](x), from_epsilon(lambda x, t: nets[0](x))):
        text, note = raised(model, RuntimeError)
        assert note.startswith("No weights were found") and "dtype" in text
    text, note = raised(lambda x, sigma: nets[0](x), RuntimeError, dtype=torch.float16)
    assert note.startswith("The model was called") and "torch.float16" in note
    with Caller(lambda x, sigma: nets[0](x), dtype=torch.float32) as caller:
        caller(X, 0.5)


def test_the_call_that_came_further_has_the_real_error():
    def takes_one_number(x, sigma):
        if sigma > 0.1:  # ambiguous for six of them
            raise TheirError("real")

    def takes_one_each(x, sigma):
        x = x / sigma[:, None]  # too many indices for one number
        raise TheirError("real")

    for model, shape in ((takes_one_number, "()"), (takes_one_each, "(6,)")):
        text, note = raised(model, TheirError)
        assert text == "real" and f"sigma of shape {shape};" in note
    text, note = raised(lambda x, sigma: takes_one_number(x * sigma, sigma), TheirError)
    assert text == "real"  # x * sigma fails before, one function further out
    text, note = raised(lambda x, sigma: takes_one_each(x, sigma), TheirError)
    assert text == "real"


def test_the_shape_of_sigma_that_worked_stays():
    shapes = []

    def fails_later(x, sigma):
        shapes.append(tuple(sigma.shape))
        if sigma < 0.2:
            raise TheirError("later")
        return x

    with pytest.raises(TheirError, match="later") as caught, Caller(fails_later) as caller:
        caller(X, 0.5)
        caller(X, 0.1)
    assert shapes == [(), ()] and "(6,)" not in caught.value.__notes__[0]


def test_a_wrong_answer_is_named():
    for answer, found in ((X[:, :2], "(6, 2)"), ("x", "str"), (None, "NoneType")):
        with pytest.raises(ValueError, match="model must return shape") as caught:
            Caller(lambda x, sigma, answer=answer: answer)(X, 0.5)
        assert found in str(caught.value)
    with pytest.raises(ValueError, match="NaN or infinity at noise level 0.5"):
        Caller(lambda x, sigma: x / 0)(X, 0.5)


def test_a_program_that_is_stopped():
    tried = []

    def model(x, sigma):
        tried.append(sigma)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Caller(model)(X, 0.5)
    assert len(tried) == 1
