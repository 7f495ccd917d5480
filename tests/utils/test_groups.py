"""Groups on their way through meta-estimators, with scikit-learn's metadata routing and without."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_spt import ANNRegressor, AugmentedRegressor, CurveStackingRegressor

X = np.random.default_rng(0).uniform(1, 2, (24, 8))
Y = np.random.default_rng(1).uniform(1, 2, (24, 3))
GROUPS = np.arange(24) // 4


class Recorder(RegressorMixin, BaseEstimator):
    def __init__(self, seen=None):
        self.seen = seen

    def fit(self, X, y, groups=None):
        self.mean_ = np.mean(y, axis=0)
        self.groups_ = groups
        return self

    def predict(self, X):
        return np.tile(self.mean_, (len(X), 1))


@pytest.fixture(params=[False, True], ids=["plain", "routed"], autouse=True)
def routing(request):
    with sklearn.config_context(enable_metadata_routing=request.param):
        yield request.param


def recorder(asked):
    return Recorder() if asked is None else Recorder().set_fit_request(groups=asked)


def found(model):
    return getattr(model, "regressor_", getattr(model, "primary_", None))


@pytest.mark.parametrize("asked", [None, True, False])
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("meta", ["augmented", "stacked"])
def test_groups_reach_those_who_ask(asked, nested, meta, routing):
    if asked is not None and not routing:
        pytest.skip("requests are for routing")
    inner = make_pipeline(StandardScaler(), recorder(asked)) if nested else recorder(asked)
    model = AugmentedRegressor(inner, n_copies=1, random_state=0)
    if meta == "stacked":
        model = CurveStackingRegressor(inner, Ridge(), cv=2, random_state=0)
    model.fit(X, Y, groups=GROUPS)
    fitted = found(model)[-1] if nested else found(model)
    # Without a request scikit-learn does not know, and does not pass.
    assert (fitted.groups_ is not None) == bool(asked or not routing)
    if fitted.groups_ is not None:
        np.testing.assert_array_equal(fitted.groups_, np.tile(GROUPS, 2) if meta == "augmented" else GROUPS)


@pytest.mark.parametrize("asked", [None, True, False])
def test_networks_ask_unless_told_otherwise(asked, routing, monkeypatch):
    network = ANNRegressor(hidden_size=4, max_epochs=1, random_state=0, patience=1)
    if asked is not None:
        if not routing:
            pytest.skip("requests are for routing")
        network.set_fit_request(groups=asked)
    seen = []
    split = ANNRegressor._split_validation

    def record(self, n, groups, seed):
        seen.append(groups)
        return split(self, n, groups, seed)

    monkeypatch.setattr(ANNRegressor, "_split_validation", record)
    AugmentedRegressor(make_pipeline(StandardScaler(), network), n_copies=1, random_state=0).fit(X, Y)
    assert (seen[0] is None) == (asked is False)


def test_groups_come_from_outside(routing):
    model = AugmentedRegressor(make_pipeline(StandardScaler(), recorder(True if routing else None)), n_copies=1)
    passed = {"params": {"groups": GROUPS}} if routing else {"groups": GROUPS, "params": {"groups": GROUPS}}
    result = cross_validate(model, X, Y, cv=GroupKFold(3), return_estimator=True, **passed)
    for fitted in result["estimator"]:
        assert len(fitted.regressor_[-1].groups_) == 32
        assert len(set(fitted.regressor_[-1].groups_)) == 4
