"""``python -m spean`` is the command ``spean``."""

import sys

from spean.cli.main import main

sys.exit(main())
