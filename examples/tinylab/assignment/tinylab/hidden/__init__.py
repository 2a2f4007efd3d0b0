"""Hidden checks: never leave the instructor's side except inside autograder.zip."""
