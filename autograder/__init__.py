"""Grades labs; the labs themselves are folders beside it. See README.md."""

import sys

__version__ = "0.1.0"
OLDEST = (3, 11)

if sys.version_info < OLDEST:  # said here, before anything that an older Python cannot read
    raise SystemExit(
        "This is Python %d.%d, and the lab needs %d.%d or newer. Install one, and make the environment again "
        "with it." % (*sys.version_info[:2], *OLDEST)
    )
