"""Predict with the files of `to_onnx`; needs numpy and onnxruntime, and neither PyTorch nor scikit-learn."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from ...checks.domain import TrainingDomain
from ...exceptions import Message, Owner, UntrustedPredictionWarning
from ...utils.warnings import name_curves, warn
from ..models import ModelFileError
from ._format import FORMAT, FORMAT_VERSION, INSTALL

# As the regressors have it: beyond, in units of the training range, a curve is unlike those of the training.
_FAR = 0.25
# Records whose states are held at once.
_BATCH = 64


class OnnxModel:
    """A pipeline that `to_onnx` wrote, as `read_onnx` reads it.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        The graph.
    facts : dict
        The metadata.

    Attributes
    ----------
    grid : ndarray of shape (n_points,)
        Displacements that `predict` takes the loads at, mm.
    strain : ndarray of shape (n_strains,) or None
        True strains of the predicted stresses; None if the file does not know them.
    descriptors : tuple of str
        Facts of the specimens that `predict` needs beside the loads, such as "thickness" (mm).
    masked : bool
        Whether loads may be missing, where a record ends early.
    name, version : str
        Name and version of the model.
    units : dict of str to str
        Unit of each quantity.
    training : dict
        Domain of the training set, see `ModelInfo`; empty if it is not known.
    rig : str or None
        Rig that the training curves were recorded on.
    elastic_modulus : float or None
        Young's modulus of the training materials, MPa.

    See Also
    --------
    read_onnx : Reads it.

    Examples
    --------
    See `to_onnx`.
    """

    def __init__(self, session: Any, facts: dict[str, Any]) -> None:
        self._session = session
        self.grid = np.array(facts["grid"], dtype=np.float64)
        self.strain = None if facts["strain"] is None else np.array(facts["strain"], dtype=np.float64)
        self.descriptors, self.masked = tuple(facts["descriptors"]), facts["masked"]
        self.name, self.version = facts["name"], facts["version"]
        self.units, self.training = facts["units"], facts["training"]
        self.rig, self.elastic_modulus = facts["rig"], facts["elastic_modulus"]
        ranges = {name: (limits[0], limits[1]) for name, limits in self.training.items() if name != "n_curves"}
        self._domain = TrainingDomain(self.training.get("n_curves"), ranges)

    def __repr__(self) -> str:
        needs = "".join(f", {name}" for name in self.descriptors)
        return (
            f"OnnxModel({self.name!r}, {self.version}, loads at {len(self.grid)} points from {self.grid[0]:.4g} to "
            f"{self.grid[-1]:.4g}{needs})"
        )

    def predict(self, loads: Any, **descriptors: Any) -> np.ndarray:
        """Predict the true stress of records.

        Curves outside the training range, as far as the file knows it, are warned of.

        Parameters
        ----------
        loads : array-like of shape (n_curves, n_points) or (n_points,)
            Loads at the displacements of `grid`, N. NaN where the record has none, if the model is `masked`.
        **descriptors : float or array-like of shape (n_curves,)
            Each of `descriptors` by its name: ``thickness=0.5``.

        Returns
        -------
        ndarray of shape (n_curves, n_strains) or (n_strains,)
            True stress at the strains of `strain`, MPa.

        Raises
        ------
        TypeError
            If a descriptor is missing, or is none that the model knows.
        ValueError
            If an array has another shape, or holds a value that is not finite.
        """
        values = np.asarray(loads, dtype=np.float64)
        single = values.ndim == 1
        values = np.atleast_2d(values)
        if values.ndim != 2 or values.shape[1] != len(self.grid):
            raise ValueError(
                f"{self.name}: loads must have the shape (n_curves, {len(self.grid)}) or ({len(self.grid)},), one load "
                f"for each displacement of grid; got {np.shape(loads)}"
            )
        odd = sorted(set(descriptors) ^ set(self.descriptors))
        if odd:
            wanted = ", ".join(f"{name}=" for name in self.descriptors) or "none"
            raise TypeError(f"{self.name}: of descriptors the model takes {wanted}; check {', '.join(odd)}")
        channels = {"loads": values}
        for name in self.descriptors:
            fact = np.asarray(descriptors[name], dtype=np.float64)
            if fact.shape not in ((), (len(values),)):
                raise ValueError(
                    f"{self.name}: {name} must be one number, or one for each of the {len(values)} curves; got the "
                    f"shape {fact.shape}"
                )
            channels[name] = np.broadcast_to(fact[..., None], values.shape)
        for name, channel in channels.items():
            wrong = ~np.isfinite(channel)
            if name == "loads" and self.masked:
                # Some have to be there.
                wrong = np.isinf(channel) | np.isnan(channel).all(axis=1, keepdims=True)
            bad = np.flatnonzero(wrong.any(axis=1))
            if bad.size:
                raise ValueError(f"{self.name}: {name} of {name_curves(bad)} are not finite")
        record = np.stack(list(channels.values()), axis=2) if self.descriptors else values
        outputs = ["stress", "distance"]
        found = [
            self._session.run(outputs, {"record": record[i : i + _BATCH]})
            for i in range(0, max(len(record), 1), _BATCH)
        ]
        stress, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
        self._check_domain(channels, distance)
        return stress[0] if single else stress

    def _check_domain(self, channels: dict[str, np.ndarray], distance: np.ndarray) -> None:
        found = [("unlike", distance > _FAR, "are unlike the training curves")]
        for name, channel in channels.items():
            name = "max_load" if name == "loads" else name
            limits = self._domain.limits(name)
            if limits is not None:
                values = np.nanmax(channel, axis=1)
                low, high = self._domain.ranges[name]
                said = f"have a {name.replace('_', 'imum ')} outside the training range, {low:.5g} to {high:.5g}"
                found.append((name, (values < limits[0]) | (values > limits[1]), said))
        for about, outside, said in found:
            which = np.flatnonzero(outside)
            if which.size:
                told = f"{which.size} of {len(outside)} ({name_curves(which)}) {said}; do not trust the stresses"
                warn(Message(Owner(self.name), told, about=about), UntrustedPredictionWarning, stacklevel=3)


def read_onnx(path: str | os.PathLike[str], *, n_threads: int = 1) -> OnnxModel:
    """Read a file of `to_onnx`.

    Neither PyTorch nor scikit-learn is imported, only numpy and onnxruntime.

    Parameters
    ----------
    path : path-like
        The file.
    n_threads : int, default=1
        Threads that a prediction takes. The networks are small; more help with large batches only.

    Returns
    -------
    OnnxModel
        Has the grid, the strains and what else the file says, and predicts.

    Raises
    ------
    ImportError
        If onnxruntime is missing: ``pip install "sklearn-spt[onnx]"``.
    FileNotFoundError
        If there is no such file.
    ModelFileError
        If the file is none of `to_onnx`, is damaged, or was written by a newer version of the package.

    See Also
    --------
    to_onnx : Writes such a file.

    Examples
    --------
    See `to_onnx`.
    """
    try:
        import onnxruntime
    except ImportError:
        raise ImportError(f"read_onnx needs the package onnxruntime: {INSTALL}") from None
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f"there is no file {file}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    try:
        session = onnxruntime.InferenceSession(file.read_bytes(), options, providers=["CPUExecutionProvider"])
        facts = {key: json.loads(value) for key, value in session.get_modelmeta().custom_metadata_map.items()}
        if facts.get("format") != FORMAT:
            raise ValueError(f"its metadata do not say {FORMAT!r}")
        if facts["format_version"] > FORMAT_VERSION:
            raise ValueError("it is from a newer sklearn_spt: pip install --upgrade sklearn-spt")
        model = OnnxModel(session, facts)
        channels = [1 + len(model.descriptors)] if model.descriptors else []
        if session.get_inputs()[0].shape[1:] != [*model.grid.shape, *channels]:
            raise ValueError("its metadata do not fit its graph")
        return model
    # Parsers of damaged files fail in any way; a folder cannot be read.
    except Exception as error:
        raise ModelFileError(f"{file} is no file of to_onnx that can be used: {error}") from error
