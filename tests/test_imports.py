"""Imports of what the grader lacks: what they do in a module, and what is said of them."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from autograder.handin.imports import remarks
from autograder.handin.python import newer_syntax
from autograder.modules import Modules


def loaded(text: str, **helpers: str) -> object:
    """The result of a module's function `run`."""
    with Modules({"work": dedent(text), **helpers}) as modules:
        return modules.load("work").run()


def said(text: str) -> list[tuple[str, bool]]:
    return [(remark.text, remark.harmful) for remark in remarks("work", dedent(text), {"work"})]


@pytest.mark.parametrize(
    "text",
    [
        "import matplotlib.pyplot as plt\ndef run():\n    plt.plot([1])\n    plt.show()\n    return 3",
        "import matplotlib.pyplot as plt\ndef run():\n    f, (a, b) = plt.subplots(1, 2)\n    return 3",
        "import seaborn as sns\nsns.set_theme()\ndef run():\n    return 3",
        "from tqdm import tqdm\ndef run():\n    return sum(tqdm([1, 2], desc='x'))",
        "from tqdm.auto import trange\ndef run():\n    b = trange(3)\n    b.set(a=1)\n    return sum(b)",
        "from tqdm import tqdm\ndef run():\n    with tqdm(total=3) as b:\n        b.update(1)\n    return 3",
        "import wandb\nwandb.init(project='x')\ndef run():\n    return 3",
        "from IPython.display import display\ndef run():\n    display(1)\n    return 3",
        "from torch.utils.tensorboard import SummaryWriter\nw = SummaryWriter()\ndef run():\n    return 3",
        "%matplotlib inline\n!pip install x\ndef run():\n    return 3",
        "get_ipython().run_line_magic('matplotlib', 'inline')\ndef run():\n    return 3",
        "import torchvision\nfrom PIL import Image\ndef run():\n    return 3",
        "from torchvision import transforms as t\nT = t.Compose([t.ToTensor()])\ndef run():\n    return 3",
        "try:\n    import scipy\nexcept ImportError:\n    scipy = 3\ndef run():\n    return scipy",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import wandb\ndef run():\n    return 3",
    ],
)
def test_what_is_harmless_goes_on(text: str) -> None:
    assert loaded(text) == 3
    assert not any(harmful for _, harmful in said(text.replace("T = ", "# ")))


@pytest.mark.parametrize("package", ["torchvision", "scipy", "sklearn", "PIL", "pandas", "cv2"])
def test_a_function_that_uses_what_the_grader_lacks_fails(package: str) -> None:
    text = f"import {package}\ndef run():\n    return {package}.work(1)\n"
    with pytest.raises(ImportError) as caught:
        loaded(text)
    (told,) = said(text)
    assert told == (str(caught.value), True)
    assert told[0].startswith(f"work.py, line 1: imports {package}, which the grader does not have")


@pytest.mark.parametrize(
    "use",
    ["torch.eye(2) * TWO", "TWO @ torch.eye(2)", "-TWO", "range(TWO)", "2 < TWO", "float(TWO)", "3 % TWO"],
)
def test_a_value_from_what_the_grader_lacks_fails_where_it_is_used(use: str) -> None:
    text = f"import torch\nfrom tools.sums import TWO\ndef run():\n    return {use}\n"
    with pytest.raises(ImportError, match=r"work\.py, line 2: imports tools\.sums, but there is no file"):
        loaded(text)


def test_a_file_of_ones_own_that_is_not_there() -> None:
    text = "from helper import two\ndef run():\n    return two()\n"
    with pytest.raises(ImportError, match=r"no file helper\.py in the submission"):
        loaded(text)
    assert loaded(text, helper="def two():\n    return 2\n") == 2


def test_what_the_grader_has_is_not_remarked_upon() -> None:
    assert not said("import os, torch\nimport numpy as np\nfrom torch import nn\nimport work\n")


def test_each_is_said_once_with_its_line() -> None:
    told = said("import torch\nimport tqdm\nfrom tqdm import trange\n%matplotlib inline\n")
    assert [text.partition(":")[0] for text, _ in told] == ["work.py, line 4", "work.py, line 2"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="needs a Python that is newer than the grader's")
@pytest.mark.parametrize(
    "line", ["""print(f"{"a"}")""", """print(f'{"\\n".join([])}')""", "def f[T](x: T): pass"]
)
def test_what_only_a_newer_python_understands(line: str) -> None:
    assert newer_syntax(f"x = 1\n{line}\n", "work").startswith("work.py, line 2: ")


@pytest.mark.parametrize("line", ["""print(f"{'a'}")""", """print(f'{1:{2}} {{"x"}}')""", "def f(x): pass"])
def test_what_every_python_understands(line: str) -> None:
    assert newer_syntax(f"{line}\n", "work") == ""
