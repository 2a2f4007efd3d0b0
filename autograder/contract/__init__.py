"""The contract: each clause of the docstrings, with what enforces it. A lab may do without."""

from autograder.contract.page import page, page_bytes
from autograder.contract.pitfalls import Pitfall, pitfall_problems, read_pitfalls
from autograder.contract.table import Clause, Contract, Part, read_contract
from autograder.contract.verify import Names, names_of, problems, unknown_names, unknown_parts

__all__ = [
    "Clause",
    "Contract",
    "Names",
    "Part",
    "Pitfall",
    "names_of",
    "page",
    "page_bytes",
    "pitfall_problems",
    "problems",
    "read_contract",
    "read_pitfalls",
    "unknown_names",
    "unknown_parts",
]
