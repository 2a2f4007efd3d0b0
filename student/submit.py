"""Packs what you hand in: `python submit.py` makes one zip of the modules and the notebook."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
if sys.version_info < (3, 11):
    sys.exit(
        "This is Python %d.%d, and the lab needs 3.11 or newer. Install one, and make the environment again with it."
        % sys.version_info[:2]
    )
sys.path.insert(0, str(FOLDER))
try:
    from autograder.handin.packing import main
except ImportError as error:
    sys.exit(
        "No zip was made: the folder autograder/, which came with this lab, is not complete (%s).\n"
        "Unzip the lab again, and copy the folders that are missing here from there." % error
    )

if __name__ == "__main__":
    sys.exit(main(FOLDER))
