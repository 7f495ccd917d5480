"""The torch modules: shapes, and what makes each of them what it claims to be."""

import math

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sklearn_spt.networks import ANN, CurveFeatures, GRUSeq2Seq, Seq2Seq, Transformer
from sklearn_spt.networks._recurrent import GRU, LSTM
from sklearn_spt.networks._transformer import sinusoidal_positions

POINTS, CHANNELS, OUTPUTS = 12, 2, 7
SHARED = {
    "n_points": POINTS,
    "n_channels": CHANNELS,
    "n_outputs": OUTPUTS,
    "hidden_size": 8,
    "n_layers": 2,
    "dropout": 0.0,
    "conv_channels": 3,
    "image_channels": 4,
}
SEQ2SEQ = {**SHARED, "n_heads": 2, "decoder": "parallel"}
PAPER = {**SEQ2SEQ, "decoder": "autoregressive", "bidirectional": False, "head": "context"}


@pytest.fixture(autouse=True)
def seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


MASKED = [
    lambda: Seq2Seq(**SEQ2SEQ, image=True, masked=True),
    lambda: Seq2Seq(**PAPER, image=True, masked=True),
    lambda: Seq2Seq(**{**SEQ2SEQ, "decoder": "autoregressive"}, image=True, masked=True),
    lambda: GRUSeq2Seq(**SHARED, decoder="parallel", image=True, masked=True),
    lambda: GRUSeq2Seq(**SHARED, decoder="autoregressive", image=True, masked=True),
    lambda: ANN(**SHARED, image=True, masked=True),
    lambda: Transformer(**SHARED, n_heads=2, feedforward_size=8, image=True, masked=True),
]


def ragged(lengths):
    """Curves of these lengths; the last channel tells where their points are."""
    X = torch.randn(len(lengths), POINTS, CHANNELS + POINTS, dtype=torch.float64)
    for row, length in zip(X, lengths, strict=True):
        row[length:] = 0
        row[:, CHANNELS + length :] = 0
        row[:, CHANNELS - 1] = (torch.arange(POINTS) < length).double()
    return X


def curves(n=3, image=False):
    return torch.randn(n, POINTS, CHANNELS + (POINTS if image else 0))


@pytest.mark.parametrize("image", [False, True])
@pytest.mark.parametrize(
    "build",
    [
        lambda image: Seq2Seq(**SEQ2SEQ, image=image),
        lambda image: Seq2Seq(**PAPER, image=image),
        lambda image: Seq2Seq(**{**SEQ2SEQ, "decoder": "autoregressive"}, image=image),
        lambda image: GRUSeq2Seq(**SHARED, decoder="parallel", image=image),
        lambda image: GRUSeq2Seq(**SHARED, decoder="autoregressive", image=image),
        lambda image: ANN(**SHARED, image=image),
        lambda image: Transformer(**SHARED, n_heads=2, feedforward_size=8, image=image),
    ],
)
def test_shapes_and_gradients(build, image):
    module = build(image)
    output = module(curves(image=image))
    assert output.shape == (3, OUTPUTS)
    output.square().sum().backward()
    unused = [name for name, parameter in module.named_parameters() if parameter.grad is None]
    assert unused == []


class TestCurveFeatures:
    def test_the_curve_itself_comes_first(self):
        X = curves(image=True)
        features = CurveFeatures(POINTS, CHANNELS, True, 3, 4)
        M = features(X)
        assert M.shape == (3, POINTS, features.n_features) == (3, POINTS, CHANNELS + 3 * 3 + 4)
        torch.testing.assert_close(M[:, :, :CHANNELS], X[:, :, :CHANNELS])

    def test_kernels_3_5_and_7(self):
        """A change at one point of the curve reaches as far as each kernel does."""
        features = CurveFeatures(POINTS, CHANNELS, False, 3, 4)
        X = curves(1)
        changed = X.clone()
        changed[0, 6] += 1.0
        difference = (features(X) - features(changed))[0, :, CHANNELS:].abs()
        for k, reach in enumerate((1, 2, 3)):
            points = difference[:, 3 * k : 3 * k + 3].sum(1).nonzero().squeeze(1)
            assert points.min() >= 6 - reach
            assert points.max() <= 6 + reach
            assert len(points) > 2 * (reach - 1) + 1

    def test_row_i_of_the_image_becomes_the_feature_of_point_i(self):
        features = CurveFeatures(POINTS, CHANNELS, True, 0, 4)
        X = curves(1, image=True)
        changed = X.clone()
        changed[0, 6, CHANNELS:] += 1.0
        points = (features(X) - features(changed))[0, :, CHANNELS:].abs().sum(1).nonzero().squeeze(1)
        # Two convolutions with 3 x 3 kernels reach two rows up and down.
        assert set(points.tolist()) <= {4, 5, 6, 7, 8}
        assert 6 in points.tolist()

    @pytest.mark.parametrize("n_points", [1, 2, 3, 4, 5, 64])
    def test_image_of_any_size(self, n_points):
        features = CurveFeatures(n_points, 1, True, 2, 3)
        assert features(torch.randn(2, n_points, 1 + n_points)).shape == (2, n_points, 1 + 6 + 3)


class TestSeq2Seq:
    def test_autoregressive_decoder_is_fed_its_own_last_output(self):
        """Equation 5, written out with the decoder's own weights."""
        module = Seq2Seq(**PAPER, image=False).double()
        X = curves().double()
        encoded, state = module.encoder(module.features(X))
        step, steps = encoded[:, -1:], []
        for _ in range(OUTPUTS):
            step, state = module.decoder(step, state)
            steps.append(step)
        queries = torch.cat(steps, dim=1)
        context, _ = module.attention(queries, encoded, encoded)
        torch.testing.assert_close(module(X), module.head(context).squeeze(2))

    def test_head_on_the_context_alone_does_not_see_the_decoder(self):
        module = Seq2Seq(**{**SEQ2SEQ, "head": "context"}, image=False)
        assert module.head.in_features == 8
        assert Seq2Seq(**SEQ2SEQ, image=False).head[0].in_features == 16

    def test_the_second_encoder_reads_the_curve_from_its_end(self):
        """The first state of one encoder knows nothing of what comes later; with both, it does."""
        X = curves(1)
        changed = X.clone()
        changed[0, -1] += 1.0
        for bidirectional in (False, True):
            module = Seq2Seq(**{**SEQ2SEQ, "conv_channels": 0}, bidirectional=bidirectional, image=False)
            difference = (module._encode(X)[0] - module._encode(changed)[0])[0, 0].abs().max()
            assert (difference > 0) == bidirectional

    @pytest.mark.parametrize("decoder", ["parallel", "autoregressive"])
    def test_attention_weights(self, decoder):
        module = Seq2Seq(**{**SEQ2SEQ, "decoder": decoder}, image=False)
        weights = module.attention_weights(curves())
        assert weights.shape == (3, 2, OUTPUTS, POINTS)
        torch.testing.assert_close(weights.sum(3), torch.ones(3, 2, OUTPUTS))

    def test_the_decoder_starts_from_the_encoders_state(self):
        module = Seq2Seq(**SEQ2SEQ, image=False)
        _, first = module._encode_decode(curves(1))
        _, second = module._encode_decode(curves(1))
        assert (first[:, 0] - second[:, 0]).abs().max() > 1e-4


class TestMissingPoints:
    @pytest.mark.parametrize("cls", [LSTM, GRU])
    @pytest.mark.parametrize("n_layers", [1, 2])
    def test_recurrent_layers_do_what_packed_sequences_do(self, cls, n_layers):
        layers = cls(3, 5, n_layers, 0.0).double()
        lengths = torch.tensor([4, 9, 6])
        X = torch.randn(3, 9, 3, dtype=torch.float64)
        recorded = (torch.arange(9) < lengths[:, None]).double()
        packed = pack_padded_sequence(X, lengths, batch_first=True, enforce_sorted=False)
        expected, expected_state = super(cls.__mro__[1], layers).forward(packed)
        expected, _ = pad_packed_sequence(expected, batch_first=True)
        output, state = layers(X, recorded=recorded)
        torch.testing.assert_close(output * recorded[:, :, None], expected)
        torch.testing.assert_close(state, expected_state)
        # What a record lacks at its beginning is skipped as well, and what stands there does not matter.
        shifted = torch.cat([100 * torch.randn(3, 2, 3).double(), X[:, :7]], dim=1)
        late = torch.cat([torch.zeros(3, 2), recorded[:, :7]], dim=1)
        output, state = layers(shifted, recorded=late)
        torch.testing.assert_close((output * late[:, :, None])[[0, 2], 2:], expected[[0, 2], :7])
        last, expected_last = (each[0] if cls is LSTM else each for each in (state, expected_state))
        torch.testing.assert_close(last[:, [0, 2]], expected_last[:, [0, 2]])

    @pytest.mark.parametrize("cls", [LSTM, GRU])
    def test_complete_sequences_are_read_as_ever(self, cls):
        layers = cls(3, 5, 2, 0.0).double()
        X = torch.randn(3, 9, 3, dtype=torch.float64)
        torch.testing.assert_close(layers(X, recorded=torch.ones(3, 9).double()), layers(X))

    @pytest.mark.parametrize("build", MASKED)
    def test_a_record_is_read_the_same_alone_and_beside_longer_ones(self, build):
        module = build().double().eval()
        X = ragged([POINTS, 7, 9])
        together = module(X)
        for row, alone in zip(together, X, strict=True):
            torch.testing.assert_close(module(alone[None])[0], row)
        together.square().sum().backward()
        assert all(torch.isfinite(parameter.grad).all() for parameter in module.parameters())

    @pytest.mark.parametrize("build", [MASKED[0], MASKED[1], MASKED[2]])
    def test_no_output_attends_to_a_missing_point(self, build):
        weights = build().double().attention_weights(ragged([POINTS, 7]))
        assert (weights[1, :, :, 7:] == 0).all()
        assert (weights[1, :, :, :7] > 0).all()
        assert (weights[0] > 0).all()
        torch.testing.assert_close(weights.sum(3), torch.ones(2, 2, OUTPUTS).double())

    def test_the_transformers_encoder_does_not_attend_to_a_missing_point(self):
        module = Transformer(**{**SHARED, "conv_channels": 0}, n_heads=2, feedforward_size=8, image=False, masked=True)
        module = module.double().eval()
        X = ragged([7])[:, :, :CHANNELS]
        changed = X.clone()
        changed[:, 7:, 0] = 5.0
        torch.testing.assert_close(module(changed), module(X))


def test_sinusoidal_positions():
    encoding = sinusoidal_positions(5, 6)
    assert encoding.shape == (5, 6)
    assert encoding[3, 0] == pytest.approx(math.sin(3), rel=1e-6)
    assert encoding[3, 1] == pytest.approx(math.cos(3), rel=1e-6)
    assert encoding[3, 2] == pytest.approx(math.sin(3 / 10000 ** (2 / 6)), rel=1e-6)
    assert sinusoidal_positions(5, 7).shape == (5, 7)


def test_transformer_tells_points_apart():
    """Without positions, a curve and its reverse would look the same to every query."""
    module = Transformer(**{**SHARED, "conv_channels": 0}, n_heads=2, feedforward_size=8, image=False).eval()
    X = curves(1)
    assert (module(X) - module(X.flip(1))).abs().max() > 1e-4
