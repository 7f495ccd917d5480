"""Run the experiment: ``python -m benchmarks.paper``."""

import sys

from . import main

sys.exit(main())
