"""Write a fitted pipeline as one graph of ONNX."""

import json
import os
from pathlib import Path
from typing import Any

from ..._version import __version__
from ...utils.files import atomic_path, check_writable
from ..estimators import steps_of
from ..facts import UNITS
from ._format import FORMAT, FORMAT_VERSION, INSTALL
from ._graph import Graph


def to_onnx(model: Any, path: str | os.PathLike[str], *, name: str | None = None) -> None:
    """Write a fitted pipeline as an ONNX file, from records on the grid to true stress.

    The graph holds all between: scalings, Gramian angular field, network, and the way from flow curves to stresses,
    with the projection on curves that do not fall. Whatever reads ONNX runs it, without Python, PyTorch and
    scikit-learn; `read_onnx` does so from Python. What a record goes through before it lies on the grid is not in it:
    corrections, `CurveResampler`, and the checks of records.

    Parameters
    ----------
    model : Pipeline
        A fitted pipeline of a `CurveResampler`, a `GAFTransformer` if need be, and a regressor with a network
        (`Seq2SeqRegressor`, `LSTMRegressor`, `GRURegressor`, `TransformerRegressor`, `ANNRegressor`). Of a model from
        `load_model` the training domain goes into the file, too.
    path : path-like
        The file to write, by custom ``*.onnx``; replaced if it exists. It appears only once it is complete.
    name : str, default=None
        Name of the model, for whoever reads the file. By default that of the file, without its ending.

    Raises
    ------
    ImportError
        If the package onnx is missing: ``pip install "sklearn-spt[onnx]"``.
    sklearn.exceptions.NotFittedError
        If the pipeline is not fitted.
    TypeError
        If it has other steps, or a network of another class or with other settings than those of the package.
    OSError
        If the path is a folder, or cannot be written.

    See Also
    --------
    read_onnx : Predict with such a file.
    save_model : Write a file from which the pipeline itself is rebuilt.

    Notes
    -----
    The graph has the input ``record`` of shape (batch, n_points), or (batch, n_points, 1 + n_descriptors), what
    `CurveResampler` returns; the output ``stress`` of shape (batch, n_strains), MPa; and the output ``distance`` of
    shape (batch,): how far a curve lies outside the training range, in units of that range. Beyond 0.25 the pipeline
    warns of it. All three are in double precision, the network is in single precision. The stresses are those of the
    pipeline but for rounding, which is a millionth of them at most.

    Of a network that was trained with records that end early (``CurveResampler(ends="mask")``), loads in ``record`` may
    be NaN, where there is none.

    The file's metadata are texts in JSON: ``grid`` (mm), ``strain``, ``descriptors``, ``masked`` (whether loads may be
    NaN), ``units``, ``training``, ``rig``, ``elastic_modulus`` (MPa), ``name`` and ``version``.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn_spt import read_onnx, to_onnx
    >>> from sklearn_spt.datasets import load_demo_curve, load_pretrained
    >>> model, (curve, _, _) = load_pretrained("sheet"), load_demo_curve()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "sheet.onnx")
    ...     to_onnx(model, path)
    ...     onnx = read_onnx(path)
    >>> loads = model[0].transform([curve])[:, :, 0]
    >>> stress = onnx.predict(loads, thickness=curve.thickness)
    >>> bool(abs(stress - model.predict([curve])).max() < 0.01)
    True
    """
    try:
        import onnx
    except ImportError:
        raise ImportError(f"to_onnx needs the package onnx: {INSTALL}") from None
    from . import _curves

    check_writable(Path(path))
    resampler, gaf, regressor = _parts(model)
    graph = Graph()
    n_channels = 1 + len(resampler.descriptors)
    n_points = len(resampler.grid_)
    channels = "record" if resampler.descriptors else graph.unsqueeze("record", 2)
    field = None
    if gaf is not None:
        channels, field = _curves.image(graph, gaf, channels)
    channels, recorded = _curves.read(graph, regressor, channels)
    scaled = _curves.scale(graph, regressor, channels, recorded)
    field = field if regressor._takes_image else None
    inputs = _curves.network_input(graph, regressor, channels, recorded, scaled, field)
    stress = _curves.learned(graph, regressor, inputs)
    flow = getattr(regressor, "flow_", None)
    if flow is not None:
        stress = _curves.stress(graph, regressor, stress)
    n_strains = regressor.n_outputs_ if flow is None else len(flow["strain"])
    written = graph.model(
        {"record": ["batch", n_points, n_channels] if resampler.descriptors else ["batch", n_points]},
        {
            "stress": (stress, ["batch", n_strains]),
            "distance": (_curves.distance(graph, regressor, scaled), ["batch"]),
        },
        **_facts(model, resampler, regressor, Path(path).stem if name is None else name),
    )
    with atomic_path(path) as temporary:
        onnx.save_model(written, temporary)


def _parts(model: Any) -> tuple[Any, Any, Any]:
    """Resampler, image and regressor of a pipeline."""
    from sklearn.utils.validation import check_is_fitted

    from ...preprocessing import CurveResampler, GAFTransformer
    from ...regressors._network import BaseNetworkRegressor

    steps = [step for _, step in steps_of(model) if step is not None and not isinstance(step, str)]
    kinds: tuple[type, ...] = (CurveResampler, GAFTransformer, BaseNetworkRegressor)
    if len(steps) == 2:
        kinds = (CurveResampler, BaseNetworkRegressor)
    if len(steps) != len(kinds) or not all(map(isinstance, steps, kinds)):
        raise TypeError(
            "to_onnx takes a Pipeline of a CurveResampler, a GAFTransformer if need be, and a regressor with a "
            f"network, such as Seq2SeqRegressor; got {', '.join(type(step).__name__ for step in steps)}. Corrections "
            "come before: give the pipeline from the resampler on"
        )
    for step in steps:
        check_is_fitted(step)
    gaf = steps[1] if len(steps) == 3 else None
    if gaf is not None and gaf.output != "append":
        raise TypeError('to_onnx: the image must come with its curve; use GAFTransformer(output="append")')
    return steps[0], gaf, steps[-1]


def _facts(model: Any, resampler: Any, regressor: Any, name: str) -> dict[str, str]:
    info = getattr(model, "model_info_", None)
    flow = getattr(regressor, "flow_", None)
    strain = flow["strain"] if flow is not None else getattr(info, "strain", None)
    units = dict(UNITS)
    if resampler.relative_:
        units["displacement"] = "of the columns, from 0 to 1"
    facts = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": name,
        "version": f"sklearn_spt {__version__}" if info is None else info.version,
        "units": units,
        "grid": resampler.grid_.tolist(),
        "strain": None if strain is None else strain.tolist(),
        "descriptors": list(resampler.descriptors),
        "masked": regressor._reached is not None,
        "training": {} if info is None else info.training,
        "rig": None if info is None else info.rig,
        "elastic_modulus": None if info is None else info.elastic_modulus,
    }
    return {key: json.dumps(value) for key, value in facts.items()}
