"""One curve and one model: corrected, checked, predicted, judged and read off.

This is the only place in which they meet. The commands, reports and Python users differ in how they write the result.
"""

from ._evaluate import evaluate
from ._result import Band, CorrelationValue, Evaluation

__all__ = ["Band", "CorrelationValue", "Evaluation", "evaluate"]
