"""``python -m sklearn_spt.cli``."""

import sys

from . import main

sys.exit(main())
