"""The version of RosterHub that runs."""

from importlib import metadata


def _installed() -> str:
    try:
        return metadata.version("rosterhub")
    except metadata.PackageNotFoundError:  # run from a checkout
        return "unreleased"


VERSION = _installed()
