"""What is read off curves: values that may be missing, with the reasons."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..utils.tables import table_of
from .quantities import Quantity


class ReadOff:
    """Base of data classes: the quantities of one curve (floats) or of many (arrays), and why some are `missing`."""

    _quantities: ClassVar[Mapping[str, Quantity]]
    # What many of them are called.
    _many: ClassVar[str]
    missing: Any

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain Python values for JSON: lists for arrays, None for NaN.

        Returns
        -------
        dict
            The values by the name of the attribute.
        """
        return {name: _plain(value) for name, value in vars(self).items()}

    def __str__(self) -> str:
        values = {name: getattr(self, name) for name in self._quantities}
        first = next(iter(values.values()))
        if np.ndim(first):
            return self._many.format(np.size(first))
        rows: list[list[str]] = []
        reasons: dict[str, list[str]] = {}
        for name, quantity in self._quantities.items():
            if name in self.missing:
                rows.append([quantity.label, "-"])
                reasons.setdefault(self.missing[name], []).append(quantity.label.partition(",")[0])
            elif not np.isnan(values[name]):  # nothing is missing where there is nothing to be found
                rows.append([quantity.label, f"{values[name]:.4g}{self._remark(name)}"])
        said = [f"not determined: {', '.join(labels)}: {reason}" for reason, labels in reasons.items()]
        return "\n".join([table_of(rows, left=2), *said])

    def _remark(self, name: str) -> str:
        """What is said after a value."""
        return ""


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str):
        return value
    return None if value != value else float(value)
