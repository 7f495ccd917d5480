import inspect
import pickle
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone

from sklearn_spt.utils.parameters import Count, ModulusOrNone, ParameterError, Parametrized, Positive, Share, Switch
from sklearn_spt.utils.state import Choice, Number, Pair, Several


class Base(Parametrized, BaseEstimator):
    kind: Annotated[str, Choice(options=("a", "b"))] = "a"
    _: KW_ONLY
    size: Count = 3
    rate: Positive = 0.5
    learned_: float
    _constant: ClassVar[int] = 1


class Derived(Base):
    _: KW_ONLY
    rate: Positive = 2.0
    anything: Any = None


class Handmade(Base):
    def __init__(self, size=7):
        super().__init__(size=size)


def test_the_signature_is_plain():
    assert str(inspect.signature(Base)) == "(kind: str = 'a', *, size: int = 3, rate: float = 0.5) -> None"
    assert list(inspect.signature(Derived).parameters) == ["kind", "rate", "anything", "size"]
    assert Derived("b", size=4).get_params() == {"kind": "b", "rate": 2.0, "anything": None, "size": 4}
    assert Base().rate == 0.5
    assert not hasattr(Base, "size")


def test_wrong_arguments_are_refused():
    with pytest.raises(TypeError, match="unknown"):
        Base(unknown=1)
    with pytest.raises(TypeError, match="positional"):
        Base("a", 3)


def test_copies_are_equal():
    first = Derived("b", anything=[1]).set_params(size=9)
    for copy in (clone(first), pickle.loads(pickle.dumps(first))):
        assert copy.get_params() == first.get_params()


def test_an_init_of_its_own_is_kept():
    assert Handmade().get_params() == {"size": 7}
    Handmade()._check_parameters()
    with pytest.raises(ParameterError, match="Handmade: size"):
        Handmade(size=0)._check_parameters()


def test_fitted_state_tells_estimators_apart():
    """A search or a client on Dask must not take two fitted models for one, as it does two dataclasses."""
    tokenize = pytest.importorskip("dask.base").tokenize
    first, second = Base(), Base()
    first.learned_, second.learned_ = 1.0, 2.0
    assert tokenize(first) != tokenize(second)


ALLOWED = [
    (Number(kind=int, low=1), [1, np.int32(5)], [0, 1.0, True, "1", None, np.nan]),
    (Number(low=0, below=1), [0, 0.5, np.float32(0.1)], [1, -1e-9, np.nan, np.inf, "x"]),
    (Number(above=0, none=True), [None, 1e-300], [0, -np.inf, np.inf, [1]]),
    (Choice(options=("a", "b")), ["a", np.str_("b")], ["c", None, 1, ["a"]]),
    (Choice(options=(1, 2)), [1, np.int64(2)], [True, 1.0, 3]),
    (Switch.__metadata__[0], [True, np.bool_(False)], [1, "yes", None]),
    (ModulusOrNone.__metadata__[0], [None, "curve", 2e5], ["steel", -1, True]),
    (Share.__metadata__[0], [0.5], [0, 1]),
    (Several(each=Number(kind=int, low=1)), [[1], (2, 3), np.arange(1, 4)], [[], 1, [0], [[1]], np.ones((2, 2), int)]),
    (Pair(low=0, high=1), [(0, 1), [0.2, 0.3]], [(1, 0), (0, 2), (0.5,), 0.5, "ab", (np.nan, 1), None]),
]


@pytest.mark.parametrize(("field", "good", "bad"), ALLOWED, ids=[str(field) for field, *_ in ALLOWED])
def test_what_is_allowed(field, good, bad):
    class Estimator(Parametrized):
        value: Annotated[Any, field]

    for value in good:
        Estimator(value)._check_parameters()
    for value in bad:
        with pytest.raises(ParameterError) as caught:
            Estimator(value)._check_parameters()
        # The parameter, and what is allowed.
        assert "Estimator: value" in str(caught.value)
        assert str(field) in str(caught.value)


def test_errors_are_short():
    class Estimator(Parametrized):
        value: Annotated[Any, Number()]

    with pytest.raises(ParameterError) as caught:
        Estimator(list(range(100_000)))._check_parameters()
    assert len(str(caught.value)) < 200
