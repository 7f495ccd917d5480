"""What a model file says about its model."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks.domain import TrainingDomain

__all__ = ["ModelInfo"]

# Of the ranges of a training set.
TRAINING_UNITS = {
    "displacement": "mm", "load": "N", "max_load": "N", "thickness": "mm", "temperature": "°C", "stress": "MPa",
    "proof_stress": "MPa",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ModelInfo:
    """What a model file says about its model.

    `read_model_info` makes it, and `load_model` leaves it in the attribute ``model_info_`` of the model. It describes
    the file: fitting the model again does not change it.

    Parameters
    ----------
    format_version : int
        Version of the file's format.
    sha256 : str
        Checksum of the whole content, 64 hexadecimal digits: the identity of the model.
    versions : dict of str to str
        Versions of Python and of the packages that the model was saved with.
    steps : dict of str to str
        Name of each step of the pipeline and its class; a bare estimator has the one name "model".
    parameters : dict of str to object
        Parameters of the steps in scikit-learn's form, "step__parameter".
    strain : ndarray of shape (n_strains,) or None
        True strain at which the model gives true stress.
    displacement : ndarray of shape (n_points,) or None
        Displacement grid on which the model sees the curves, mm.
    units : dict of str to str
        Unit of each quantity.
    rig : str or None
        Rig that the training curves were recorded on.
    elastic_modulus : float or None
        Young's modulus of the training materials, MPa.
    training : dict
        Domain of the training set: `n_curves`, and [minimum, maximum] of `displacement` (mm), `load` (N), `max_load`
        (N, the maximum load of a curve), `thickness` (mm), `temperature` (°C) and `stress` (MPa) where known.
    metadata : dict
        What the model's author added.

    See Also
    --------
    read_model_info : Read it from a file.

    Examples
    --------
    See `read_model_info`.
    """

    format_version: int
    sha256: str
    versions: dict[str, str]
    steps: dict[str, str]
    parameters: dict[str, Any]
    strain: np.ndarray | None
    displacement: np.ndarray | None
    units: dict[str, str]
    rig: str | None
    elastic_modulus: float | None
    training: dict[str, Any]
    metadata: dict[str, Any]

    @property
    def version(self) -> str:
        """The version of the model: its author's, from the metadata, else that of the package that wrote the file."""
        return str(self.metadata.get("version") or f"sklearn_spt {self.versions.get('sklearn_spt', '?')}")

    @property
    def domain(self) -> TrainingDomain:
        """What the training set covers, as far as the file says."""
        ranges = {name: (value[0], value[1]) for name, value in self.training.items() if name != "n_curves"}
        return TrainingDomain(self.training.get("n_curves"), ranges, self.rig, self.elastic_modulus, self.strain)
