"""What is known of a class: results as files, people's marks in a database. Only this room writes them."""

from autograder.gradebook.book import Gradebook, Row, Settled, timeless
from autograder.gradebook.deriving import Rules
from autograder.gradebook.handed_in import HandedIn
from autograder.gradebook.lock import InUse
from autograder.gradebook.marks import (
    Kind,
    Ledger,
    Mark,
    Refused,
    Wish,
    digest_of_answer,
    digest_of_text,
    marker,
    slot_of,
)
from autograder.gradebook.reading import Results, are_results, read_results
from autograder.gradebook.ungraded import Ungraded

__all__ = [
    "Gradebook",
    "HandedIn",
    "InUse",
    "Kind",
    "Ledger",
    "Mark",
    "Refused",
    "Results",
    "Row",
    "Rules",
    "Settled",
    "Ungraded",
    "Wish",
    "are_results",
    "digest_of_answer",
    "digest_of_text",
    "marker",
    "read_results",
    "slot_of",
    "timeless",
]
