"""Puts the example lab into the wheel: `convlab new` writes it where there is no checkout."""

from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

from setuptools import setup
from setuptools.command.build_py import build_py

EXAMPLE = Path(__file__).resolve().parent / "examples" / "tinylab"


class WithSkeleton(build_py):
    """build_py, and after it a copy of what people write of the example lab."""

    def run(self) -> None:
        """Build as usual; an editable installation reads the checkout and needs no copy."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "autograder" / "skeleton"
            rmtree(target, ignore_errors=True)
            for part in ("assignment", "solutions"):
                copytree(EXAMPLE / part, target / part, ignore=ignore_patterns("__pycache__", ".*"))


setup(cmdclass={"build_py": WithSkeleton})
