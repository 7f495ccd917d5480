"""Warnings that say what is not to be used, for programs that act on them."""

__all__ = ["DoubtfulRecordWarning", "UntrustedPredictionWarning"]


class UntrustedPredictionWarning(UserWarning):
    """What a model predicts of the curve is not to be used.

    The curve is unlike the training curves, lies outside their ranges, has another kind of displacement, ends before
    they do, or has too few points. Reports mark such a specimen as not to be trusted, and leave its predicted values
    out of mean and scatter.

    See Also
    --------
    DoubtfulRecordWarning : What is read off the record is not to be used either.
    sklearn_spt.reporting.make_report : Makes a report.

    Examples
    --------
    A prediction that is not to be trusted made an error:

    >>> import warnings
    >>> from sklearn_spt.datasets import load_demo_curve, load_pretrained
    >>> from sklearn_spt.exceptions import UntrustedPredictionWarning
    >>> curve, _, _ = load_demo_curve()
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", UntrustedPredictionWarning)
    ...     try:
    ...         stress = load_pretrained("sheet").predict([curve.replace(load=50 * curve.load)])
    ...     except UntrustedPredictionWarning:
    ...         print("not to be trusted")
    not to be trusted
    """


class DoubtfulRecordWarning(UntrustedPredictionWarning):
    """Neither what is predicted of the curve nor what is read off it is to be used.

    The record is damaged, or its unit is in doubt.

    See Also
    --------
    UntrustedPredictionWarning : What is predicted is not to be used.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from sklearn_spt import LoadOffsetCorrector, SPTCurve
    >>> from sklearn_spt.exceptions import DoubtfulRecordWarning
    >>> u = np.linspace(0.0, 1.0, 101)
    >>> load = 1000 * u
    >>> load[50] = 0.0  # a drop-out
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     corrected = LoadOffsetCorrector().transform([SPTCurve(u, load)])
    >>> [issubclass(entry.category, DoubtfulRecordWarning) for entry in caught]
    [True]
    """
