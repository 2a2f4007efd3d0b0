"""What is known of a class: machine results as files in a results folder. The only writer there."""
