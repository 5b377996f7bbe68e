"""`python -m blindread` is the console script."""

import sys

from blindread.main import main

sys.exit(main())
