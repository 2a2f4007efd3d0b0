"""The checks accept what is right, however it is written, and notice what is wrong."""

from __future__ import annotations

import pytest
import torch
from harness import brief_lab, edited, failed, lab, outcomes, own_solution, reference_sources
from lab06.hidden.test_q1_1 import default_like
from torch import nn
from tries import in_ci_but, slow_but

from autograder.checking.catalog import catalog

QUICK = [question.id for question in lab().auto_graded if not question.training]
AT = "compute_convolution_at_position"


def test_points_add_up() -> None:
    assert sum(check.points for check in catalog(lab())) == lab().max_score == 83
    assert all((4 * check.points).is_integer() for check in catalog(lab()))
    keys = [check.key for check in catalog(lab())]
    assert len(set(keys)) == len(keys)


def test_every_question_has_public_and_hidden_checks() -> None:
    for question in lab().auto_graded:
        assert {check.hidden for check in catalog(lab()) if check.question == question.id} == {False, True}


@pytest.mark.parametrize("question", QUICK)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_reference_passes(question: str, seed: int) -> None:
    assert failed(question, reference_sources(), seed) == []


@pytest.mark.parametrize("question", QUICK)
def test_the_tests_own_solution_passes(question: str) -> None:
    assert failed(question, own_solution()) == []


@pytest.mark.parametrize("question", [question.id for question in lab().auto_graded])
def test_nothing_handed_in_passes_nothing(question: str) -> None:
    assert len(failed(question, {})) == len(outcomes(question, {}))


RIGHT = {
    "loops": (
        "q2_1",
        "convolution",
        f"""
import torch
def {AT}(i, j, img, kernel):
    total = torch.zeros((), dtype=img.dtype)
    for k in range(1, kernel.shape[0] + 1):
        for l in range(1, kernel.shape[1] + 1):
            total = total + img[i + k - 2, j + l - 2] * kernel[k - 1, l - 1]
    return total
""",
    ),
    "unfold": (
        "q2_2",
        "convolution",
        """
def apply_convolution(img, kernel):
    windows = img.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return (windows * kernel).sum((-1, -2))
""",
    ),
    "fft": (
        "q2_2",
        "convolution",
        """
import torch
def apply_convolution(img, kernel):
    size = img.shape
    product = torch.fft.rfft2(img, s=size) * torch.fft.rfft2(kernel, s=size).conj()
    rows, columns = size[0] - kernel.shape[0] + 1, size[1] - kernel.shape[1] + 1
    return torch.fft.irfft2(product, s=size)[:rows, :columns].contiguous()
""",
    ),
    "numpy": (
        "q2_2",
        "convolution",
        """
import numpy as np
import torch
def apply_convolution(img, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(img.numpy(), tuple(kernel.shape))
    return torch.from_numpy(np.einsum("abkl,kl->ab", windows, kernel.numpy()))
""",
    ),
    "autograd": (
        "q3_3",
        "gradient",
        """
import torch
import torch.nn.functional as F
def conv_gradient_wrt_input(dloss_dy, kernel):
    rows = dloss_dy.shape[0] + kernel.shape[0] - 1
    columns = dloss_dy.shape[1] + kernel.shape[1] - 1
    x = torch.zeros(rows, columns, dtype=dloss_dy.dtype, requires_grad=True)
    y = F.conv2d(x[None, None], kernel[None, None])[0, 0]
    return torch.autograd.grad(y, x, dloss_dy)[0]
""",
    ),
    "scatter": (
        "q3_3",
        "gradient",
        """
import torch
def conv_gradient_wrt_input(dloss_dy, kernel):
    (r, c), (p, q) = dloss_dy.shape, kernel.shape
    out = torch.zeros(r + p - 1, c + q - 1, dtype=dloss_dy.dtype)
    for k in range(p):
        for l in range(q):
            out[k:k + r, l:l + c] += dloss_dy * kernel[k, l]
    return out
""",
    ),
    "ascent by autograd": (
        "q3_4",
        "gradient",
        """
import torch.nn.functional as F
def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    x, losses = img.clone(), []
    for _ in range(steps):
        x.requires_grad_()
        loss = (F.conv2d(x[None, None], kernel[None, None]) ** 2).sum()
        loss.backward()
        losses.append(loss.detach())
        x = (x + step_size * x.grad).detach()
    return x, losses
""",
    ),
    "ascent with the student's own names": (
        "q3_4",
        "gradient",
        """
import convolution as c
def conv_gradient_wrt_input(dloss_dy, kernel):
    raise NotImplementedError
def gradient_ascent(img, kernel, steps=100, step_size=0.01):
    losses = []
    for _ in range(steps):
        y = c.apply_convolution(img, kernel)
        losses += [float((y * y).sum())]
        img = img + step_size * conv_gradient_wrt_input(2 * y, kernel)
    return img, losses
""",
    ),
    "subclass in another order": (
        "q1_1",
        "model",
        """
import torch
from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(64, 10)
        self.hidden = nn.Linear(576, 64)
        self.c = nn.Conv2d(64, 64, 3)
        self.b = nn.Conv2d(32, 64, 3)
        self.a = nn.Conv2d(1, 32, 3)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.a(x)), 2)
        x = F.max_pool2d(self.b(x).clamp(min=0), 2)
        x = self.c(x).relu().reshape(len(x), -1)
        return self.head(F.relu(self.hidden(x)))
def build_model():
    return Net()
""",
    ),
    "bare parameters": (
        "q1_1",
        "model",
        """
import torch
from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        shapes = [(32, 1, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (576, 64), (64, 10)]
        self.w = nn.ParameterList([torch.randn(s) * 0.05 for s in shapes])
        self.b = nn.ParameterList([torch.zeros(n) for n in (32, 64, 64, 64, 10)])
    def forward(self, x):
        w, b = self.w, self.b
        x = F.max_pool2d(F.relu(F.conv2d(x, w[0], b[0])), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, w[1], b[1])), 2)
        x = F.relu(F.conv2d(x, w[2], b[2])).flatten(1)
        return F.relu(x @ w[3] + b[3]) @ w[4] + b[4]
def build_model():
    return Net()
""",
    ),
    "lazy layers": (
        "q1_1",
        "model",
        """
from torch import nn
def build_model():
    return nn.Sequential(nn.LazyConv2d(32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.LazyConv2d(64, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.LazyConv2d(64, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(64), nn.ReLU(),
        nn.LazyLinear(10))
""",
    ),
    "loss by hand": (
        "q1_3",
        "training",
        """
def make_loss():
    def loss(logits, labels):
        picked = logits.gather(1, labels[:, None])[:, 0]
        return (logits.logsumexp(1) - picked).mean()
    return loss
""",
    ),
    "loop that adds tensors": (
        "q1_5",
        "training",
        """
import torch
def train_one_epoch(model, loader, loss_fn, optimizer, device):
    losses, hits = [], []
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        for p in model.parameters():
            p.grad = None
        out = model(x)
        loss = loss_fn(out, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach().expand(len(y)))
        hits.append((out.max(1).indices == y).float())
    return torch.cat(losses).mean(), torch.cat(hits).mean()
""",
    ),
    "evaluation in inference mode": (
        "q1_6",
        "training",
        """
import torch
@torch.inference_mode()
def evaluate(model, loader, loss_fn, device):
    total = hits = n = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out = model(x)
        total += loss_fn(out, y) * len(x)
        hits += out.argmax(-1).eq(y).sum()
        n += len(x)
    return total / n, hits / n
""",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_other_right_solutions_pass(name: str) -> None:
    question, module, text = RIGHT[name]
    assert failed(question, {**reference_sources(), module: text}) == []


WRONG = [
    ("q1_1", "model", "        nn.ReLU(),\n        nn.Flatten(),", "        nn.Flatten(),"),
    ("q1_1", "model", "nn.Linear(in_features=64, out_features=10),", "nn.Linear(64, 10), nn.Softmax(1),"),
    ("q1_1", "model", "nn.Linear(in_features=64, out_features=10),", "nn.Linear(64, 10), nn.ReLU(),"),
    ("q1_1", "model", "        nn.Flatten(),", "        nn.Dropout(0.5), nn.Flatten(),"),
    (
        "q1_1",
        "model",
        "nn.MaxPool2d(kernel_size=2),\n        nn.Conv2d",
        "nn.AvgPool2d(2),\n        nn.Conv2d",
    ),
    ("q1_1", "model", "return nn.Sequential(*layers)", "return MADE"),
    ("q1_2", "training", "return model.to(device)", "return model"),
    ("q1_2", "training", "return model.to(device)", "model.to(device)"),
    ("q1_3", "training", "nn.CrossEntropyLoss()", "nn.CrossEntropyLoss(reduction='sum')"),
    ("q1_3", "training", "nn.CrossEntropyLoss()", "nn.CrossEntropyLoss(label_smoothing=0.1)"),
    (
        "q1_3",
        "training",
        "nn.CrossEntropyLoss()",
        "lambda a, b: nn.functional.cross_entropy(a.softmax(1), b)",
    ),
    ("q1_3", "training", "nn.CrossEntropyLoss()", "nn.NLLLoss()"),
    ("q1_3", "training", "nn.CrossEntropyLoss()", "lambda a, b: nn.functional.cross_entropy(a.detach(), b)"),
    ("q1_4", "training", "lr=1e-3", "lr=1.01e-3"),
    ("q1_4", "training", ", weight_decay=1e-5", ""),
    ("q1_4", "training", "weight_decay=1e-5", "weight_decay=1e-4"),
    ("q1_4", "training", "RMSprop", "Adam"),
    ("q1_4", "training", "lr=1e-3, weight", "lr=1e-3, alpha=0.9, weight"),
    ("q1_4", "training", "lr=1e-3, weight", "lr=1e-3, centered=True, weight"),
    ("q1_4", "training", "RMSprop(model.parameters()", "RMSprop(list(model.parameters())[-2:]"),
    ("q1_5", "training", "optimizer.zero_grad()", "pass"),
    ("q1_5", "training", "optimizer.step()", "pass"),
    ("q1_5", "training", "batch_loss.item() * len(y)", "batch_loss.item()"),
    ("q1_5", "training", "batch_loss.item() * len(y)", "batch_loss.item() * 4"),
    ("q1_5", "training", "        batch_loss.backward()", "        (batch_loss * len(y)).backward()"),
    ("q1_5", "training", "loss_fn(logits, y)", "nn.functional.cross_entropy(logits, y)"),
    ("q1_5", "training", "        optimizer.step()", "        optimizer.step(); optimizer.step()"),
    ("q1_5", "training", "for x, y in loader:", "for x, y in list(loader)[:3]:"),
    ("q1_5", "training", "for x, y in loader:", "for x, y in loader if len(loader) else []:"),
    ("q1_5", "training", "logits = model(x)", "logits = model(x).squeeze()"),
    ("q1_6", "training", "with torch.no_grad():", "if True:"),
    (
        "q1_6",
        "training",
        "total_loss += loss_fn(logits, y).item() * len(y)",
        "total_loss += loss_fn(logits, y).item()",
    ),
    (
        "q1_6",
        "training",
        "logits = model(x)\n            total",
        "logits = model(x).softmax(1)\n            total",
    ),
    ("q1_6", "training", "    with torch.no_grad():", "    model.zero_grad()\n    with torch.no_grad():"),
    ("q2_1", "convolution", "i - 1 : i - 1 + num_rows", "i : i + num_rows"),
    ("q2_1", "convolution", "(window * kernel)", "(window * kernel.flip(0, 1))"),
    ("q2_1", "convolution", "(window * kernel)", "(window * kernel.t())"),
    ("q2_1", "convolution", "(window * kernel).sum()", "(window.float() * kernel.float()).sum()"),
    ("q2_1", "convolution", "(window * kernel).sum()", "window.mul_(kernel).sum()"),
    ("q2_1", "convolution", "(window * kernel).sum()", "(window * kernel).sum().item()"),
    ("q2_2", "convolution", "kernel.shape[0] + 1\n", "kernel.shape[1] + 1\n"),
    ("q2_2", "convolution", "dtype=img.dtype, device", "device"),
    ("q2_2", "convolution", "img.shape[0] - kernel.shape[0] + 1", "img.shape[0] - 2"),
    ("q2_2", "convolution", "range(1, num_rows + 1)", "range(1, num_rows)"),
    ("q2_2", "convolution", "    return result", "    return result[None]"),
    ("q2_2", "convolution", "    return result", "    return result.bfloat16().to(img.dtype)"),
    ("q3_3", "gradient", ".flip(0, 1)", ""),
    (
        "q3_3",
        "gradient",
        "kernel[lower_k - 1 : upper_k, lower_l",
        "kernel.flip(0, 1)[lower_k - 1 : upper_k, lower_l",
    ),
    ("q3_3", "gradient", "max(1, i - image_rows + kernel_rows)", "max(1, i - image_rows + kernel_rows - 1)"),
    ("q3_3", "gradient", "dtype=dloss_dy.dtype, device", "device"),
    ("q3_3", "gradient", "    return gradient", "    return 2 * gradient"),
    ("q3_4", "gradient", "img += step_size", "img -= step_size"),
    ("q3_4", "gradient", "conv_gradient_wrt_input(2 * convolved", "conv_gradient_wrt_input(convolved"),
    ("q3_4", "gradient", "img = img.detach().clone()", "img = img.detach()"),
    ("q3_4", "gradient", "(convolved**2).sum()", "(convolved**2).mean()"),
    ("q3_4", "gradient", "steps: int = 100", "steps: int = 50"),
    ("q3_4", "gradient", "step_size: float = 0.01", "step_size: float = 0.02"),
    ("q3_4", "gradient", "return img, losses", "return img, losses[1:]"),
]


@pytest.mark.parametrize(("question", "module", "old", "new"), slow_but(6, WRONG))
def test_wrong_solutions_fail(question: str, module: str, old: str, new: str) -> None:
    sources = edited(module, (old, new))
    sources[module] += "\nMADE = build_model() if 0 else None\n" if "MADE" in new else ""
    assert failed(question, sources)


def test_one_shared_model_is_noticed() -> None:
    sources = edited("model", ("def build_model", "def _build"))
    sources["model"] += "\n_MADE = _build()\ndef build_model():\n    return _MADE\n"
    assert failed("q1_1", sources) == ["fresh_and_trainable"]


@pytest.mark.parametrize(
    ("question", "module", "broken"),
    [
        ("q2_2", "convolution", f"def {AT}(i, j, img, kernel):\n    raise ValueError\n"),
        ("q3_4", "gradient", "def conv_gradient_wrt_input(dloss_dy, kernel):\n    return None\n"),
    ],
)
def test_a_broken_sibling_costs_nothing(question: str, module: str, broken: str) -> None:
    sources = reference_sources()
    assert failed(question, {**sources, module: f"{sources[module]}\n{broken}"}) == []


def test_a_broken_neighbour_module_costs_nothing() -> None:
    assert failed("q3_4", {**reference_sources(), "convolution": "def broken(:\n"}) == []


def test_own_conventions_between_siblings_are_right() -> None:
    """0-based positions inside are fine for q2_2: behaviour counts."""
    sources = edited("convolution", ("i - 1 : i - 1 + num_rows, j - 1 : j - 1", "i : i + num_rows, j : j"))
    sources["convolution"] = sources["convolution"].replace(
        "(i, j, img, kernel)\n", "(i - 1, j - 1, img, kernel)\n"
    )
    assert failed("q2_2", sources) == []
    assert failed("q2_1", sources)


def test_hidden_messages_tell_the_family_and_no_number() -> None:
    how = outcomes("q2_2", edited("convolution", ("    return result", "    return result + 0.5")))
    assert "got 0.5" in how["vertical_edge"].message or "expected" in how["vertical_edge"].message
    message = how["not_square"].message
    assert message.startswith("Hidden check: images and kernels that are not square.")
    assert not any(character.isdigit() for character in message)


def test_an_exception_cannot_echo_hidden_inputs() -> None:
    edit = ("    return result", "    raise ValueError(str(img.tolist()))")
    hidden = outcomes("q2_2", edited("convolution", edit))["not_square"]
    assert hidden.verdict == "error"
    assert "ValueError" in hidden.message
    assert "convolution.py, line" in hidden.message
    assert "[[" not in hidden.message
    assert "[[" in hidden.detail


def test_public_message_reads_well() -> None:
    sources = edited("convolution", ("(window * kernel)", "(window * kernel.flip(0, 1))"))
    message = outcomes("q2_1", sources)["first_position"].message
    assert "compute_convolution_at_position(1, 1, img, kernel)" in message
    assert "expected 8.5" in message


def test_checks_leave_torch_as_it_was() -> None:
    sources = edited(
        "convolution", ("    return result", "    torch.set_default_dtype(torch.float64)\n    return result")
    )
    assert failed("q2_2", sources)
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.slow
def test_training_reaches_the_threshold() -> None:
    assert failed("q1_7", reference_sources()) == []


@pytest.mark.ci
def test_training_with_a_broken_optimizer_of_ones_own() -> None:
    """The optimizer costs q1_4; q1_7 then trains with the right one."""
    assert failed("q1_7", edited("training", ("lr=1e-3, weight", "lr=3.0, weight")), of=brief_lab()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    in_ci_but(2, [("optimizer.step()", "pass"), ("loss_fn(logits, y)\n", "loss_fn(logits, (y + 1) % 10)\n")]),
)
def test_training_that_learns_nothing_fails(old: str, new: str) -> None:
    assert "accuracy" in failed("q1_7", edited("training", (old, new)), of=brief_lab())


@pytest.mark.ci
def test_weights_from_elsewhere_are_noticed() -> None:
    swap = "    with torch.no_grad():\n        for p in model.parameters(): p.normal_()\n    model.train()\n"
    how = outcomes("q1_7", edited("training", ("    model.train()\n", swap)), of=brief_lab())
    assert how["accuracy"].verdict == "wrong"


@pytest.mark.slow
def test_no_default_initialisation_is_refused() -> None:
    """1,000 seeds of the lab's layers, in any order: what is asked leaves room for chance."""
    torch.manual_seed(0)
    layers = {"0": (1, 32, 3), "3": (32, 64, 3), "6": (64, 64, 3), "9": (576, 64, 0), "11": (64, 10, 0)}
    for _ in range(1000):
        weights: dict[str, torch.Tensor] = {}
        for name, (inputs, outputs, size) in layers.items():
            layer = nn.Conv2d(inputs, outputs, size) if size else nn.Linear(inputs, outputs)
            weights |= {f"{name}.{key}": value for key, value in layer.state_dict().items()}
        assert default_like(weights)
