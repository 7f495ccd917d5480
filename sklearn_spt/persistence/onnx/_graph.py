"""Operators of ONNX, joined to a graph by calling them."""

from collections.abc import Callable
from typing import Any

import numpy as np

# LayerNormalization came with 17. Readers of 2022 and later know it.
OPSET, IR_VERSION = 17, 8


class Graph:
    """A graph in the making: calling it adds an operator.

    What an operator reads are names that former calls returned, and arrays, which become constants of the graph.
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def __call__(self, operator: str, *inputs: Any, n_outputs: int = 1, **attributes: Any) -> Any:
        """Add an operator; the name of what it gives, or a list of `n_outputs` names."""
        import onnx

        names = ["" if each is None else each if isinstance(each, str) else self.constant(each) for each in inputs]
        outputs = [f"{self.prefix}{operator}_{len(self.nodes)}_{k}" for k in range(n_outputs)]
        # What readers make of operators in their optimisation gets its name from theirs.
        self.nodes.append(onnx.helper.make_node(operator, names, outputs, name=outputs[0], **attributes))
        return outputs[0] if n_outputs == 1 else outputs

    def constant(self, value: Any) -> str:
        """Add an array, as it is."""
        import onnx

        name = f"{self.prefix}constant_{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def slice(self, x: str, start: int, stop: int | None, axis: int) -> str:
        """Elements from `start` to before `stop`, which is None for the end."""
        last = np.iinfo(np.int64).max if stop is None else stop
        return self("Slice", x, *(np.array([value], dtype=np.int64) for value in (start, last, axis)))

    def reshape(self, x: str, *shape: int) -> str:
        """The same numbers in another shape; 0 keeps a size, -1 is what is left."""
        return self("Reshape", x, np.array(shape, dtype=np.int64))

    def unsqueeze(self, x: str, axis: int) -> str:
        """One more axis."""
        return self("Unsqueeze", x, np.array([axis], dtype=np.int64))

    def running(self, operator: str, x: str, n: int, axis: int, backward: bool = False) -> str:
        """The running "Max" or "Min" along an axis of length `n`; from its end if `backward`.

        Each step doubles the number of elements that are looked at.
        """
        step = 1
        while step < n:
            neighbour = np.arange(n) + (step if backward else -step)
            x = self(operator, x, self("Gather", x, neighbour.clip(0, n - 1), axis=axis))
            step *= 2
        return x

    def repeat(self, step: Callable[..., list[str]], n: int, first: list[str]) -> str:
        """Take `n` steps, each from what the one before gave, and join the first thing that each gave.

        `step` adds a step to the graph that it is given, from the number of the step and the values before, and
        returns the values behind. All are in single precision.
        """
        import onnx

        body = Graph(f"{self.prefix}step_{len(self.nodes)}_")
        names = [f"{body.prefix}given_{k}" for k in range(len(first) + 2)]
        count, proceed, *before = names
        after = step(body, count, *before)
        # The first value is twice a result: as what the next step begins with, and as one of those that are joined.
        results = [body("Identity", value) for value in (proceed, *after, after[0])]
        single, kinds = onnx.TensorProto.FLOAT, {count: onnx.TensorProto.INT64}
        kinds |= dict.fromkeys((proceed, results[0]), onnx.TensorProto.BOOL)
        read, given = (
            [
                onnx.helper.make_tensor_value_info(name, kinds.get(name, single), [] if name in kinds else None)
                for name in part
            ]
            for part in (names, results)
        )
        graph = onnx.helper.make_graph(body.nodes, "step", read, given, body.constants)
        return self("Loop", np.array(n), None, *first, n_outputs=len(first) + 1, body=graph)[-1]

    def model(self, inputs: dict[str, list[Any]], outputs: dict[str, tuple[str, list[Any]]], **facts: str) -> Any:
        """The whole, checked.

        Parameters
        ----------
        inputs : dict
            Shape of each input, in double precision, by its name.
        outputs : dict
            By its name, which of the graph's values an output is, and its shape.
        **facts : str
            Metadata.
        """
        import onnx

        double = onnx.TensorProto.DOUBLE
        named = [onnx.helper.make_node("Identity", [value], [name]) for name, (value, _) in outputs.items()]
        graph = onnx.helper.make_graph(
            [*self.nodes, *named],
            "sklearn_spt",
            [onnx.helper.make_tensor_value_info(name, double, shape) for name, shape in inputs.items()],
            [onnx.helper.make_tensor_value_info(name, double, shape) for name, (_, shape) in outputs.items()],
            self.constants,
        )
        opsets = [onnx.helper.make_opsetid("", OPSET)]
        model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="sklearn_spt")
        onnx.helper.set_model_props(model, facts)
        onnx.checker.check_model(model, full_check=True)
        return model
