"""Run the experiment: ``python -m benchmarks.paper``."""

from . import main

main()
