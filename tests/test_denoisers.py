"""Networks: shapes, explicit matrices, preconditioning, costs, and bad input."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from specbook import data, noise  # noqa: E402
from specbook.experiments import (  # noqa: E402
    Preconditioned,
    Raw,
    ResidualMLP,
    UNet,
    cost,
    layers,  # noqa: E402
    width_for,
)

NETS = {
    "mlp": lambda rng=0, **o: ResidualMLP(64, width=24, depth=2, rng=rng, **o),
    "mlp of odd width": lambda rng=0, **o: ResidualMLP(64, width=7, depth=1, rng=rng, **o),
    "unet": lambda rng=0, **o: UNet(8, width=6, depth=3, rng=rng, **o),
    "unet of one resolution": lambda rng=0, **o: UNet(8, width=4, depth=1, rng=rng, **o),
    "unet in colour": lambda rng=0, **o: UNet(4, 4, width=4, kernel=5, rng=rng, **o),
    "circular unet": lambda rng=0, **o: UNet(8, width=4, circular=True, rng=rng, **o),
    "unshared unet": lambda rng=0, **o: UNet(8, width=3, shared=False, rng=rng, **o),
}
def normal(*shape, seed=0, dtype=torch.float64):
    return torch.tensor(np.random.default_rng(seed).standard_normal(shape), dtype=dtype)


def flat_weights(net):
    return torch.cat([v.flatten() for v in net.state_dict().values()])


# --- every network ---------------------------------------------------------------------------


@pytest.mark.parametrize("make", NETS.values())
def test_shapes_and_seeds(make):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    net = make(rng=1, start=1.0)
    for n in (1, 5):
        out = net(normal(n, 64).float(), normal(n).float())
        assert out.shape == (n, 64) and out.dtype == torch.float32
    assert torch.equal(flat_weights(make(rng=1)), flat_weights(make(rng=1)))
    assert not torch.equal(flat_weights(make(rng=1)), flat_weights(make(rng=2)))
    assert torch.equal(torch.get_rng_state(), torch_state)  # no global generator is touched
    assert np.array_equal(np.random.get_state()[1], numpy_state)


@pytest.mark.parametrize("name", NETS)
def test_rows_are_independent_and_noise_levels_matter(name):
    net = NETS[name](start=1.0).double()
    x, label = normal(6, 64), normal(6, seed=1)
    out = net(x, label)
    assert torch.allclose(net(x[2:3], label[2:3]), out[2:3], atol=1e-12)
    assert (net(x, label + 0.3) - out).abs().max() > 1e-3
    one = label[:1].expand(6)  # one level for all takes a short cut
    assert torch.allclose(net(x, one), net(x, one.clone()), atol=1e-12)


@pytest.mark.parametrize("name", NETS)
def test_a_network_starts_at_zero_and_learns_in_all_its_weights(name):
    assert not NETS[name]()(normal(3, 64).float(), torch.zeros(3)).any()
    net = NETS[name](start=1.0).double()
    net(normal(9, 64), normal(9)).square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in net.parameters())


@pytest.mark.parametrize("name", NETS)
def test_initial_activity_is_of_order_one(name):
    out = NETS[name](start=1.0)(normal(200, 64).float(), normal(200, seed=1).float())
    assert 0.3 < out.std() < 3


# --- convolutions ----------------------------------------------------------------------------


def convolved(layer, x, side):
    """A layer on flat patches, the channels of a pixel side by side."""
    patch = x.reshape(len(x), side, side, -1).permute(0, 3, 1, 2)
    return layer(patch).permute(0, 2, 3, 1).flatten(1)


def drawn(*sizes, rng=0, **options):
    return layers.convolution(*sizes, np.random.default_rng(rng), **options).double()


def circulant(side, filter, circular):
    """The matrix of an unflipped filter, pixel by pixel."""
    size = filter.shape[0]
    out = np.zeros((side, side, side, side))
    for i, j, a, b in np.ndindex(side, side, size, size):
        p, q = i + a - size // 2, j + b - size // 2
        if circular or (0 <= p < side and 0 <= q < side):
            out[i, j, p % side, q % side] += filter[a, b]
    return out.reshape(side**2, side**2)


@pytest.mark.parametrize("circular", [True, False])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_a_convolution_is_its_matrix(kernel, circular):
    layer = drawn(1, 1, kernel, circular=circular, rng=3)
    taps = layer.weight.detach().numpy()[0, 0]
    explicit = torch.tensor(circulant(5, taps, circular))
    x = normal(7, 25)
    assert torch.allclose(convolved(layer, x, 5), x @ explicit.T, atol=1e-13)


@pytest.mark.parametrize("circular", [True, False])
def test_unshared_filters_that_are_equal_are_a_convolution(circular):
    shared = drawn(2, 2, 3, circular=circular, rng=1)
    free = drawn(2, 2, 3, circular=circular, side=5)
    assert free.weight.shape == (25, 2, 18)
    x = normal(7, 50)
    with torch.no_grad():
        free.weight.copy_(shared.weight.permute(0, 2, 3, 1).flatten(1))
        assert torch.allclose(convolved(free, x, 5), convolved(shared, x, 5), atol=1e-13)
        free.weight[7] *= 2  # pixel (1, 2): its two channels change
        changed = (convolved(free, x, 5) - convolved(shared, x, 5)).abs().sum(dim=0) > 1e-9
    assert changed.nonzero().flatten().tolist() == [14, 15]


def test_a_flat_patch_has_the_order_of_the_data_module():
    """Filters that see one pixel mix its own channels: numbers that lie side by side."""
    net = UNet(8, 3, width=4, depth=1, kernel=1, start=1.0).double()
    net.norm = torch.nn.Identity()
    for block in (*net.down, net.middle, *net.up):
        block.norm1 = block.norm2 = torch.nn.Identity()
    patch = torch.tensor(data.natural_patches(8, per_photograph=1, colour=True, split="china"))
    other = patch.clone()
    other[:, 3 * 20 : 3 * 21] += 1  # the three numbers of one pixel
    label = torch.zeros(len(patch), dtype=torch.float64)
    moved = (net(other, label) - net(patch, label)).abs().sum(dim=0) > 1e-12
    assert moved.nonzero().flatten().tolist() == [60, 61, 62]


def test_a_circular_unet_commutes_with_shifts():
    """By two pixels, as the means of four pixels do; zeros at the edge break that."""
    x, label = normal(3, 64), normal(3)

    def shifted(flat):
        return flat.reshape(3, 8, 8).roll((2, 4), (1, 2)).reshape(3, 64)

    def broken(**options):
        net = UNet(8, width=4, start=1.0, **options).double()
        return (net(shifted(x), label) - shifted(net(x, label))).abs().max()

    assert broken(circular=True) < 1e-12
    assert broken() > 1e-3 and broken(circular=True, shared=False) > 1e-3


# --- wrappers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETS)
def test_preconditioning_follows_the_table(name):
    net = NETS[name](start=1.0).double()
    denoiser, x = Preconditioned(net, 0.7), normal(5, 64)
    sigma = torch.tensor([0.01, 0.3, 0.7, 2.0, 50.0], dtype=torch.float64)
    skip, out, into, label, _ = (
        torch.tensor(v)[:, None] for v in noise.edm_scalings(sigma.numpy(), 0.7)
    )
    expected = skip * x + out * net(into * x, label[:, 0])
    assert torch.allclose(denoiser(x, sigma), expected, atol=1e-13)
    for one in (0.3, torch.tensor(0.3), np.float64(0.3)):
        assert torch.allclose(denoiser(x, one)[1], expected[1], atol=1e-7)


def test_preconditioning_at_extreme_noise():
    net = ResidualMLP(64, width=16, depth=1, start=1.0).double()
    denoiser, x = Preconditioned(net, 0.5), normal(5, 64)
    small = denoiser(x, 1e-9)
    assert (small - x).abs().max() < 1e-7 and not torch.equal(small, x)
    sigma = 1e7
    seen = net(x, torch.full((5,), np.log(sigma) / 4, dtype=torch.float64))
    assert torch.allclose(denoiser(sigma * x, sigma), 0.5 * seen, atol=1e-5)
    untrained = Preconditioned(ResidualMLP(64, width=16, depth=1), 0.5)(x.float(), 0.5)
    assert torch.allclose(untrained, x.float() / 2)  # c_skip at sigma = sigma_data


def test_raw_is_the_network():
    net, x, sigma = NETS["mlp"](start=1.0).double(), normal(3, 64), [0.1, 1.0, 9.0]
    label = torch.tensor(np.log(sigma) / 4)
    seen = Raw(net)(x, torch.tensor(sigma).double())
    assert torch.allclose(seen, net(x, label), atol=1e-13)
    assert not torch.allclose(Raw(net)(x, 0.1)[1:], net(x, label)[1:])


# --- costs -------------------------------------------------------------------------------------


class Foreign(torch.nn.Linear):
    """Somebody's denoiser, with weights that are frozen."""

    def __init__(self, dim):
        super().__init__(dim, dim)
        self.dim = dim
        self.bias.requires_grad_(False)

    def forward(self, x, sigma):
        return super().forward(x)


def test_costs_by_hand():
    d, w, e = 10, 6, 4
    mlp = cost(ResidualMLP(d, w, 2, embed=e))
    products = d * w + w * d + e * e + 2 * (2 * w * w + 2 * w * e)
    biases = w + d + e + 2 * (2 * w + 2 * w) + 2 * 2 * w + 2 * w  # layers, then norms
    assert mlp.parameters == products + biases
    assert mlp.flops == 2 * products
    kernels = [cost(UNet(8, width=w, depth=1, kernel=3, shared=shared)) for w in (4, 4)
               for shared in (True, False)]
    assert kernels[0].flops == kernels[1].flops and kernels[0] == kernels[2]
    assert kernels[1].parameters > 30 * kernels[0].parameters
    assert cost(Preconditioned(ResidualMLP(d, w, 2, embed=e))) == mlp
    foreign = Foreign(3)
    assert cost(foreign, 3).parameters == 9 and cost(foreign, 3).flops == 18


def test_width_for_matches_costs():
    unet = cost(UNet(8, width=8))
    for measure in ("parameters", "flops"):
        width = width_for(lambda w: ResidualMLP(64, w, 2), getattr(unet, measure), measure)
        found = [
            abs(np.log(getattr(cost(ResidualMLP(64, w, 2)), measure) / getattr(unet, measure)))
            for w in (width - 1, width, width + 1)
        ]
        assert found[1] == min(found) < 0.05
    with pytest.raises(ValueError, match="target"):
        width_for(lambda w: ResidualMLP(64, w, 1), 10**9, largest=64)


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: ResidualMLP(0), "dim"),
        (lambda: ResidualMLP(4, width=0), "width"),
        (lambda: ResidualMLP(4, depth=0), "depth"),
        (lambda: ResidualMLP(4, embed=5), "embed"),
        (lambda: ResidualMLP(4, start=np.nan), "start"),
        (lambda: ResidualMLP(4, rng="x"), "rng"),
        (lambda: UNet(6, depth=3), "side"),
        (lambda: UNet(8, kernel=2), "kernel"),
        (lambda: UNet(4, depth=3, kernel=5, circular=True), "kernel"),
        (lambda: UNet(8, channels=0), "channels"),
        (lambda: UNet(8, depth=0), "depth"),
        (lambda: Preconditioned(lambda x, s: x), "net"),
        (lambda: Preconditioned(ResidualMLP(3), 0.0), "sigma_data"),
        (lambda: Raw(None), "net"),
        (lambda: cost(torch.nn.Linear(3, 3)), "dim"),
        (lambda: width_for(ResidualMLP, 0), "target"),
        (lambda: width_for(ResidualMLP, 10, "seconds"), "measure"),
    ],
)
def test_bad_arguments(call, name):
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        call()


@pytest.mark.parametrize("wrap", [Raw, Preconditioned])
@pytest.mark.parametrize("name", ["mlp", "unet"])
@pytest.mark.parametrize(
    ("x", "sigma", "says"),
    [
        (torch.zeros(3, 63), 1.0, "x must"),
        (torch.zeros(64), 1.0, "x must"),
        (torch.zeros(3, 64, dtype=torch.int64), 1.0, "x must"),
        (np.zeros((3, 64)), 1.0, "x must"),
        (torch.zeros(3, 64), torch.ones(2), "sigma"),
        (torch.zeros(3, 64), torch.ones(3, 1), "sigma"),
        (torch.zeros(3, 64), 0.0, "sigma"),
        (torch.zeros(3, 64), float("nan"), "sigma"),
    ],
)
def test_bad_calls(wrap, name, x, sigma, says):
    with pytest.raises(ValueError, match=rf"\b{says}\b"):
        wrap(NETS[name]())(x, sigma)


def test_counting_leaves_a_network_as_it_was():
    net = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3))
    net.forward = lambda x, label, run=net.forward: run(x)
    cost(net, 3)
    assert int(net[1].num_batches_tracked) == 0 and net[1].training


def test_the_largest_width_is_tried():
    def square(width):
        return Foreign(width)

    assert width_for(square, 90**2, largest=100) == 90
    with pytest.raises(ValueError, match="width above 89"):
        width_for(square, 90**2, largest=89)
