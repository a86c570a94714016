"""`python -m flowrun_widgets.cli`, the same as the command `flowrun`."""

import sys

from flowrun_widgets.cli import main

if __name__ == "__main__":
    sys.exit(main())
