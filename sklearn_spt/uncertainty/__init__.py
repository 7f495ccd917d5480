"""How far a predicted stress-strain curve may be off: bands that hold whole curves with a stated probability."""

from ._conformal import ConformalCurveRegressor

__all__ = ["ConformalCurveRegressor"]
