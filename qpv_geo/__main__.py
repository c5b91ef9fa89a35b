"""``python -m qpv_geo``: the command line."""

import sys

from qpv_geo.cli import main

if __name__ == "__main__":
    sys.exit(main())
