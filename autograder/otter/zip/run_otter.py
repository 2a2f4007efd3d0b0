"""Starts otter on a submission that is quarantined and graded already."""

import os

from otter.run.run_autograder import main

if __name__ == "__main__":
    main(os.environ.get("CONVLAB_AUTOGRADER_DIR", "/autograder"))
