"""Nothing of the lab: what counts is what was handed in beside it."""
