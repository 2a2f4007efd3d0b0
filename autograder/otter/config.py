"""otter_config.json, as a strict model: otter itself checks neither keys nor types."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.errors import LabError
from autograder.grade import total
from autograder.lab import Lab

CONFIG_NAME = "otter_config.json"
PLUGIN = "autograder.otter.plugin.Quarantine"


class ConfigError(LabError):
    """An otter_config.json that otter would misread; the text names the keys."""


class Strict(BaseModel):
    """Frozen; unknown keys and other types than the declared ones are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PluginSettings(Strict):
    """The plugin's own settings, the options of `convlab grade`: what is None is left to it."""

    data: str | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    seed: int | None = Field(default=None, ge=0)
    training: bool = True


class OtterConfig(Strict):
    """Every key that otter 7 knows, with its type and its default there."""

    score_threshold: float | None = None
    points_possible: float | None = None
    show_stdout: bool = False
    show_hidden: bool = False
    show_all_public: bool = False
    seed: int | None = None
    seed_variable: str | None = None
    grade_from_log: bool = False
    serialized_variables: dict[str, str] | None = None
    pdf: bool = False
    token: str | None = None
    course_id: int | str | None = None
    assignment_id: int | str | None = None
    filtering: bool = False
    pagebreaks: bool = False
    debug: bool = False
    autograder_dir: str = "/autograder"
    lang: Literal["python", "r"] = "python"
    miniconda_path: str = "/root/miniforge3"
    plugins: list[str | dict[str, dict[str, Any]]] = []
    logo: bool = True
    print_summary: bool = True
    print_score: bool = True
    zips: bool = False
    log_level: int | None = None
    assignment_name: str | None = None
    warn_missing_pdf: bool = False
    force_public_test_summary: bool = True
    submit_blank_pdf_on_export_failure: bool = False
    use_submission_pdf: bool = False
    pdf_via_html: bool = False


def otter_config(lab: Lab) -> OtterConfig:
    """The configuration that our autograder.zip needs."""
    return OtterConfig(
        assignment_name=lab.name,
        points_possible=lab.max_score,
        show_stdout=False,
        show_hidden=False,
        grade_from_log=False,
        pdf=False,
        logo=False,
        print_summary=False,
        plugins=[{PLUGIN: PluginSettings().model_dump()}],
    )


def config_bytes(lab: Lab) -> bytes:
    """The text of otter_config.json: what differs from otter's defaults, and what must not be changed."""
    config = otter_config(lab)
    keys = config.model_fields_set
    return (json.dumps(config.model_dump(include=keys), indent=2) + "\n").encode()


def read_config(text: str | bytes, name: str = CONFIG_NAME) -> OtterConfig:
    """Validate such a text and the plugin's settings in it. ConfigError names each key that is wrong."""
    try:
        config = OtterConfig.model_validate(json.loads(text))
        settings(config)
    except ValueError as error:
        raise ConfigError(f"{name}: {_reasons(error)}") from None
    return config


def check_config(config: OtterConfig, lab: Lab, points: Iterable[float]) -> None:
    """Refuse a configuration that does not fit the assignment. ConfigError says how it differs."""
    of_checks = total(points)
    wrong = []
    if config.points_possible != of_checks or of_checks != lab.max_score:
        wrong.append(
            f"points_possible is {config.points_possible}, the checks add up to {of_checks}, "
            f"the assignment to {lab.max_score}"
        )
    if config.assignment_name != lab.name:
        wrong.append(f"assignment_name is {config.assignment_name!r}, the assignment's {lab.name!r}")
    wrong += [f"{key} must be off" for key in ("pdf", "token", "grade_from_log") if getattr(config, key)]
    if wrong:
        raise ConfigError(f"{CONFIG_NAME}: {'; '.join(wrong)}")


def settings(config: OtterConfig) -> PluginSettings:
    """The settings of our plugin. ValueError when it is not declared."""
    for plugin in config.plugins:
        if plugin == PLUGIN:
            return PluginSettings()
        if isinstance(plugin, dict) and PLUGIN in plugin:
            return PluginSettings.model_validate(plugin[PLUGIN])
    raise ValueError(f"plugins: {PLUGIN} is missing")


def _reasons(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return str(error)
