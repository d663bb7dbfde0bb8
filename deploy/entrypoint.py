"""What the pipelines' container starts with: the settings, resolved, become the environment of the command.

Dagster's own programs read DAGSTER_PG_URL from the environment and know of no DAGSTER_PG_URL_FILE; the settings do.
"""

import os
import sys
from collections.abc import Mapping

from pipelines import settings
from pipelines.errors import SettingsError


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """That environment, with every value in place that it gives by file. SettingsError lists what cannot be used."""
    return {**given, **settings.filled(given)}


def main() -> int:
    """Become the command of the arguments; 2 if a setting or the command makes no sense."""
    try:
        variables = environment(os.environ)
        os.execvpe(sys.argv[1], sys.argv[1:], variables)  # noqa: S606 - what the container was told to run
    except SettingsError as mistake:
        sys.stderr.write(f"Error: {mistake}\n")
    except (IndexError, OSError) as mistake:
        sys.stderr.write(f"Error: no such command ({mistake})\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
