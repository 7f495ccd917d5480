"""The part of the docstrings that all regressors share."""

import inspect
from textwrap import indent
from typing import TypeVar

FEATURES = """\
conv_channels : int, default={conv_channels}
    Features per point of each of the 1-D convolutions with kernels 3, 5 and 7; 0 leaves them out.
"""

IMAGE = """\
image_channels : int, default={image_channels}
    Features per point of the 2-D convolutions on the image. Used when the input has an image, which is when it has
    more channels than points (see `GAFTransformer`).
"""

DECODER = """\
decoder : {{"parallel", "autoregressive"}}, default={decoder!r}
    "autoregressive" feeds the decoder its own last output, step by step. "parallel" feeds it one learned query per
    strain, all in one call, which takes about 60 % of the time.
"""

HEADS = """\
n_heads : int, default={n_heads}
    Heads of the attention; divides `hidden_size`.
"""

SCALING = """\
input_scaling : {{"auto", "log", "standard"}}, default="auto"
    How the channels of the curve (not the image) are scaled, point by point, with statistics learned in `fit`. "log"
    standardises their logarithm, which is bent into a straight line near zero: asinh(x / 2c), with c {linear_part} of
    the median of the point. "standard" standardises the values. "auto" is "log" unless the training loads are signed.
target_scaling : {{"auto", "log", "standard"}}, default="auto"
    How the targets are scaled, strain by strain. "log" standardises their logarithm, so that curves of soft and of
    strong materials weigh the same, and needs positive targets. "auto" is "log" where all targets are positive.
"""

CURVE_SCALING = """\
elastic_modulus : float, "curve" or None, default=None
    With Young's modulus, MPa, the yield stress and the flow curve behind it are predicted, and Hooke's line
    is put in front, see `FlowCurveTransformer`: the kink at yielding, where the errors are largest otherwise, is then
    exact. "curve" takes the modulus of each curve from its first stress, and predicts it too. None predicts the
    stresses as they are.
strain : array-like of shape (n_strains,), default=None
    True total strain of the targets, which `elastic_modulus` needs. By default 0.002, 0.004 and so on, the grid of
    `load_sheet_steel`.
"""

DROPOUT = """\
dropout : float, default={dropout}
    Dropout rate, in [0, 1).
"""

TRAINING = """\
input_scaling : {{"rich", "standard"}}, default="rich"
    What the network reads of the load, each standardised point by point with statistics learned in `fit`: "standard" is
    the load; "rich" is its logarithm, which is bent into a straight line near zero (asinh(x / 2c), with c a hundredth
    of the median of the point), the load, and its slope. The image stays as it is.
lr : float, default={lr}
    Learning rate; the highest one of a schedule.
lr_schedule : {{"onecycle", "constant"}}, default={lr_schedule!r}
    "onecycle" warms up over the first three tenths of the training and anneals to nearly zero.
max_epochs : int, default={max_epochs}
    Passes over the training curves.
batch_size : int, default={batch_size}
    Curves per step of the optimiser.
patience : int, default=None
    With a number, a tenth of the curves is split off, the training ends when their loss has not improved for so many
    epochs, and the weights of the best epoch are kept.
device : str, default="cpu"
    Where to train, as torch names it ("cuda"). Prediction runs on the CPU.
n_threads : int, default=1
    Threads on the CPU, of `fit` and of `predict`. Of small networks more than one take longer, and where other fits run
    beside them far longer.
random_state : int, RandomState instance or None, default=None
    Seed of weights, order of batches, dropout and validation split. With an int, two fits on one machine agree
    exactly. The global random states of numpy and torch are left alone.
verbose : int, default=0
    1 shows a progress bar over the epochs, with the losses.
net_params : dict, default=None
    Further parameters of `skorch.NeuralNetRegressor`, such as ``{{"optimizer": "Adam"}}`` or ``{{"criterion":
    "MSELoss"}}`` (classes, or names of those in `torch.optim` and `torch.nn`) and ``{{"callbacks": [...]}}``, and of
    the network (``module__...``); not those that the estimator sets from its own. By default `torch.optim.AdamW` with a
    weight decay of 0.001 minimises `torch.nn.SmoothL1Loss` with a beta of 0.05, and the norm of the gradient is clipped
    at 1 (``{{"callbacks__clip": None}}`` leaves it as it is).
"""

CURVE_ATTRIBUTES = """\
n_outputs_ : int
    Length of what is learned: the number of strains, or of columns of `FlowCurveTransformer`.
flow_ : dict
    `elastic_modulus` and the strains of the targets ("strain"). Defined only with `elastic_modulus`.
n_channels_ : int
    Channels of the training input.
image_ : bool
    Whether the training input had an image.
input_scaling_, target_scaling_ : str
    The scalings in use.
input_linear_, input_mean_, input_std_ : ndarray of shape (n_points, n_curve_channels)
    Statistics of the input.
target_mean_, target_std_ : ndarray of shape (n_outputs,)
    Statistics of the targets, in MPa or its logarithm.
components_ : ndarray of shape (n_components_in_use, n_points * n_curve_channels)
    Principal components of the loads, and a row for each descriptor; scores on them have a standard deviation of one.
score_range_ : ndarray of shape (2, n_components_in_use)
    Minimum and maximum score of the training curves on each component.
y_ndim_ : int
    Dimensions of the training targets.
n_features_in_ : int
    Points of a curve.
feature_names_in_ : ndarray of shape (`n_features_in_`,)
    Names of the points, where the training input named them.
"""

ATTRIBUTES = """\
state_ : dict of str to ndarray
    Weights of the network.
module_params_ : dict
    What the network was built with.
history_ : list of dict
    Per epoch: its number, the losses on scaled targets (`train_loss`, and `valid_loss` with early stopping), and the
    seconds it took (`dur`).
n_epochs_ : int
    Epochs trained.
reached_ : ndarray of bool of shape (n_points,) or None
    Points at which at least one in a hundred of the training records, and five, had a load; what records have at others
    is not read. None if none of them lacked a load: the network then takes complete records only.
views_mean_, views_std_ : ndarray of shape (n_points, 2)
    Statistics of the load and of its slope.
"""


SECTIONS = {
    "features": FEATURES,
    "image": IMAGE,
    "decoder": DECODER,
    "heads": HEADS,
    "dropout": DROPOUT,
    "scaling": SCALING,
    "curve_scaling": CURVE_SCALING,
    "training": TRAINING,
    "curve_attributes": CURVE_ATTRIBUTES,
    "attributes": ATTRIBUTES,
}
Class = TypeVar("Class", bound=type)


def fill_docs(cls: Class) -> Class:
    """Put the shared sections in place of their names in a docstring, with the defaults of the class's signature."""
    parameters = inspect.signature(cls).parameters.values()
    defaults = {parameter.name: parameter.default for parameter in parameters}
    defaults["linear_part"] = f"one {round(1 / cls._linear_fraction)}th"  # type: ignore[attr-defined]
    doc = cls.__doc__ or ""
    for name, text in SECTIONS.items():
        place = f"    {{{name}}}\n"
        if place in doc:
            doc = doc.replace(place, indent(text.format(**defaults), "    "))
    cls.__doc__ = doc
    return cls
