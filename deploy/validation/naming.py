"""What deploy files may name of the project: settings, commands, modules, files, and images by their full version.

The same for containers in compose.yaml and for pods on Kubernetes.
"""

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from api.settings import Settings as ApiSettings
from pipelines import settings as configuration
from pipelines.cli import COMMANDS

PROJECT = Path(__file__).parents[2]
OURS = "rosterhub/"  # the images that the Dockerfile builds

_ENTRYPOINT = ["python", "-m", "deploy.entrypoint"]


def is_pinned(image: str) -> bool:
    """Whether an image's tag says at least major and minor version, or a digest."""
    return "@sha256:" in image or re.search(r":v?\d+\.\d+", image) is not None


def variable_faults(values: Mapping[str, object]) -> Iterator[str]:
    """A misspelt variable would be ignored without a word; a password in the file would be everybody's."""
    known = {setting.variable for setting in configuration.table()}
    known |= {setting.metadata["variable"] for setting in fields(ApiSettings)}
    for name, value in values.items():
        plain = name.removesuffix(configuration.FILE_SUFFIX)
        if name.startswith("ROSTERHUB_") and not name.startswith("ROSTERHUB_NGINX_") and plain not in known:
            yield f"sets {name}, which is no setting"
        if re.search(r"PASSWORD|SECRET|TOKEN", name) and not str(value).startswith(("${", "/run/secrets/")):
            yield f"has the value of {name} in the file"
        if re.search(r"://[^/@]+:[^$@/][^@/]*@", str(value)):
            yield f"has a password in {name}"


def command_faults(words: list[str]) -> Iterator[str]:
    """What a command line of the project names has to be there."""
    if words[: len(_ENTRYPOINT)] == _ENTRYPOINT:
        words = words[len(_ENTRYPOINT) :]
    if not words:
        return
    if words[0] == "rosterhub" and words[1] not in COMMANDS:
        yield f"runs rosterhub {words[1]}, which is no command"
    for option, value in pairwise(words):
        if option == "--module-name" and importlib.util.find_spec(value) is None:
            yield f"loads the module {value}, which does not exist"
        if option in {"--workspace", "--config"} and not (PROJECT / value).is_file():
            yield f"reads {value}, which does not exist"
