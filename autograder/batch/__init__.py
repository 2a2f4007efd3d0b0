"""Many submissions: in parallel, resumable, each grade on disk as soon as it is there."""

from autograder.batch.items import Item, collect
from autograder.batch.lanes import Here, Lane, lanes
from autograder.batch.run import Done, Row, grade_all
from autograder.grade import Fault

__all__ = ["Done", "Fault", "Here", "Item", "Lane", "Row", "collect", "grade_all", "lanes"]
