"""The marking desk: a page on this machine where people mark one question of all submissions at a time."""
