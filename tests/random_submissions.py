"""Twenty submissions that draw random numbers, each from another source or in another place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from handed_in import zipped
from harness import edited

DRAWS = {
    "torch": "torch.rand(1).item()",
    "python": "random.random()",
    "numpy": "numpy.random.rand()",
    "numpy_generator": "numpy.random.default_rng().random()",
    "python_generator": "random.Random().random()",
    "entropy": "os.urandom(1)[0] / 256",
    "fresh_seed": "(torch.seed() % 1000) / 1000",
    "set_order": "list({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}).index('a') / 8",
    "at_import": "(AT_IMPORT + next(COUNT) * 0.37) % 1",
    "made_at_import": "MADE.random()",
}
"""A number in [0, 1) each."""
_HEAD = "\nimport itertools, os, random\nimport numpy\n"
_STATE = "AT_IMPORT = random.random()\nMADE = numpy.random.default_rng()\nCOUNT = itertools.count()\n\n\ndef "


def random_submissions() -> Mapping[str, dict[str, str]]:
    """The modules of each, by a name."""
    found = {}
    for name, draw in DRAWS.items():
        found[f"convolution_{name}"] = _with(
            "convolution", "    window = img[", f"    if {draw} < 0.2:\n        i = 1\n    window = img["
        )
        found[f"gradient_{name}"] = _with(
            "gradient",
            "    img = img.detach()",
            f"    step_size *= 1 + ({draw} < 0.2)\n    img = img.detach()",
        )
    dropout = ("        nn.Linear(in_features=64, out_features=10),", "        nn.Dropout(0.001),\n")
    found["model_dropout"] = edited("model", (dropout[0], dropout[1] + dropout[0]))
    biased = "    model = nn.Sequential(*layers)\n    nn.init.normal_(model[-1].bias)\n    return model"
    found["model_bias"] = edited("model", ("    return nn.Sequential(*layers)", biased))
    loss = "    return nn.CrossEntropyLoss(label_smoothing=float(torch.rand(1) < 0.5) / 10)"
    found["training_smoothing"] = edited("training", ("    return nn.CrossEntropyLoss()", loss))
    return found


def _with(module: str, old: str, new: str) -> dict[str, str]:
    """The reference with one line changed in a module, in which there is what to draw from."""
    sources = edited(module, (old, new))
    before, _, after = sources[module].partition("\n\n\ndef ")
    return {**sources, module: f"{before}{_HEAD}{_STATE}{after}"}


def handed_in(folder: Path) -> Path:
    """All of them as a class."""
    folder.mkdir()
    for name, sources in random_submissions().items():
        zipped(folder / f"{name}.zip", {f"{m}.py": text.encode() for m, text in sources.items()})
    return folder
