"""Many submissions: in parallel, resumable, each grade on disk as soon as it is there."""

from autograder.batch.items import Item, collect
from autograder.batch.lanes import Fault, Here, Lane, lanes
from autograder.batch.run import Done, Row, grade_all
from autograder.gradebook.store import Store, write

__all__ = ["Done", "Fault", "Here", "Item", "Lane", "Row", "Store", "collect", "grade_all", "lanes", "write"]
