import subprocess
import sys

import pytest
import torch

from sklearn_spt.networks import ANN, GRUSeq2Seq, Seq2Seq, Transformer, build, skeleton

COMMON = {
    "n_points": 12, "n_channels": 3, "image": True, "n_outputs": 5, "hidden_size": 8, "n_layers": 2, "dropout": 0.1,
    "conv_channels": 2, "image_channels": 2,
}  # fmt: skip
CASES = [
    (Seq2Seq, {"n_heads": 2, "decoder": "parallel"}),
    (Seq2Seq, {"n_heads": 2, "decoder": "autoregressive", "bidirectional": False, "head": "context"}),
    (GRUSeq2Seq, {"decoder": "parallel"}),
    (ANN, {}),
    (Transformer, {"n_heads": 2, "feedforward_size": 8}),
]


@pytest.mark.parametrize(("make", "settings"), CASES)
def test_it_has_the_shapes_of_the_network_and_takes_its_weights(make, settings):
    network = build(make, 0, **COMMON, **settings).eval()
    bare = skeleton(make, **COMMON, **settings)
    assert all(value.device.type == "meta" for value in bare.state_dict().values())
    assert {k: v.shape for k, v in bare.state_dict().items()} == {k: v.shape for k, v in network.state_dict().items()}
    bare.load_state_dict(network.state_dict(), assign=True)
    X = torch.rand(4, 12, 15)
    assert torch.equal(bare.eval()(X), network(X))


def test_a_model_file_is_loaded_without_torchs_compiler():
    """Which takes seconds to import."""
    code = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "from sklearn_spt.datasets import load_demo_curve, load_pretrained\n"
        "load_pretrained('sheet').predict([load_demo_curve()[0]])\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
