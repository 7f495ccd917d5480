"""What a network draws is its own: threads and other uses of torch change nothing, and nothing is changed for them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from sklearn_spt.networks import ANN, GRUSeq2Seq, Seq2Seq, Transformer, build, threads
from sklearn_spt.networks._recurrent import GRU, LSTM

SHARED = {"n_points": 6, "n_channels": 1, "image": False, "n_outputs": 4, "hidden_size": 8, "n_layers": 2}
SHARED |= {"dropout": 0.5, "conv_channels": 2, "image_channels": 2}
NETWORKS = {
    "ann": (ANN, SHARED),
    "gru": (GRUSeq2Seq, {**SHARED, "decoder": "parallel"}),
    "steps": (GRUSeq2Seq, {**SHARED, "decoder": "autoregressive"}),
    "lstm": (Seq2Seq, {**SHARED, "n_heads": 2, "decoder": "autoregressive", "head": "context"}),
    "transformer": (Transformer, {**SHARED, "n_heads": 2, "feedforward_size": 8}),
}


class Initialised(nn.Module):
    """A network of a user's own that draws its weights in ways of its own."""

    def __init__(self):
        super().__init__()
        self.one = nn.Parameter(torch.empty(3, 3))
        self.two = nn.Parameter(torch.rand(3) + torch.normal(0.0, 1.0, (3,)))
        self.three = nn.Embedding(5, 3)
        self.drop = nn.Sequential(nn.Dropout(0.5))
        nn.init.orthogonal_(self.one)
        nn.init.trunc_normal_(self.three.weight)

    def forward(self, X):
        return self.drop(X[..., :3] @ self.one + self.two) + self.three(torch.tensor([1]))


def trained(name):
    """Weights and what dropout leaves of them in three steps."""
    make, settings = NETWORKS.get(name, (Initialised, {}))
    network = build(make, seed=3, **settings).train()
    X = torch.linspace(0, 1, 5 * 6).reshape(5, 6, 1) if settings else torch.linspace(0, 1, 15).reshape(5, 3)
    return [*(value.clone() for value in network.state_dict().values()), *(network(X).detach() for _ in range(3))]


@pytest.mark.parametrize("name", [*NETWORKS, "own"])
def test_a_seed_decides_all_in_threads_too(name):
    first = trained(name)
    assert not torch.equal(first[-1], first[-2]), "dropout is at work"
    before = torch.random.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        others = list(pool.map(trained, [name] * 8))
    assert torch.equal(torch.random.get_rng_state(), before)
    for other in others:
        assert all(map(torch.equal, first, other))
    torch.rand(7)
    assert all(map(torch.equal, first, trained(name)))


@pytest.mark.parametrize("name", NETWORKS)
def test_first_weights_are_those_of_torch(name):
    make, settings = NETWORKS[name]
    with torch.random.fork_rng():
        torch.manual_seed(3)
        expected = make(**settings).state_dict()
    found = build(make, seed=3, **settings).state_dict()
    assert list(found) == list(expected)
    assert all(torch.equal(found[key], expected[key]) for key in expected)


@pytest.mark.parametrize(("ours", "torchs"), [(LSTM, nn.LSTM), (GRU, nn.GRU)])
@pytest.mark.parametrize("with_state", [False, True])
def test_recurrent_layers_are_those_of_torch(ours, torchs, with_state):
    layer = ours(3, 4, 3, 0.5)
    plain = torchs(3, 4, 3, batch_first=True)
    plain.load_state_dict(layer.state_dict())
    X = torch.linspace(-1, 1, 2 * 5 * 3).reshape(2, 5, 3)
    state = plain(X)[1] if with_state else None

    class Everything(nn.Module):
        p = 0.5

        def forward(self, X):
            return X

    layer.dropout_between = Everything()
    for mode in (True, False):
        layer.train(mode)
        (outputs, last), (expected, expected_last) = layer(X, state), plain(X, state)
        torch.testing.assert_close(outputs, expected)
        torch.testing.assert_close(last, expected_last)


def test_dropout_between_layers_is_dropout():
    layer = LSTM(3, 4, 2, 0.5).train()
    X = torch.ones(2, 5, 3)
    assert not torch.equal(layer(X)[0], layer(X)[0])
    layer.eval()
    assert torch.equal(layer(X)[0], layer(X)[0])


def test_threads_are_as_before_afterwards():
    before = torch.get_num_threads()

    def nested(number):
        with threads(number):
            seen = [torch.get_num_threads()]
            with threads(1):
                seen.append(torch.get_num_threads())
            torch.ones(100, 100) @ torch.ones(100, 100)
        return seen

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(nested, [2, 3] * 4)) == [[2, 1], [3, 1]] * 4
        assert set(pool.map(lambda _: torch.get_num_threads(), range(8))) == {before}
    with pytest.raises(ZeroDivisionError), threads(before + 1):
        1 / 0  # noqa: B018
    assert torch.get_num_threads() == before
