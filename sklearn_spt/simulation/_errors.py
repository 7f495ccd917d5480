"""What is raised where a simulation gives no result."""

__all__ = ["SimulationError"]


class SimulationError(RuntimeError):
    """The solver gave no usable result. The message holds its own last words."""
