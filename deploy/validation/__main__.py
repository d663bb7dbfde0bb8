"""`make check-deploy`: every check, what each finds, and what nothing here can judge."""

import sys
from collections.abc import Callable, Iterable

import click

from deploy.validation import compose, dagster_instance, dockerfile, kubernetes, locks, monitoring, nginx
from deploy.validation.tools import MissingToolError

CHECKS: dict[str, Callable[[], Iterable[str]]] = {
    "Dockerfile": dockerfile.faults,
    "runtime.lock": locks.faults,
    "compose.yaml": compose.faults,
    "nginx": nginx.faults,
    "kubernetes": kubernetes.faults,
    "Dagster on Kubernetes": dagster_instance.faults,
    "monitoring": monitoring.faults,
}


def main() -> int:
    """Print what is wrong; 1 if anything is, 3 if a tool is missing."""
    found = 0
    try:
        for name, check in CHECKS.items():
            faults = list(check())
            found += len(faults)
            click.echo(f"{name}: {'nothing wrong was found' if not faults else f'{len(faults)} wrong'}")
            for fault in faults:
                click.echo(f"  {fault}")
        for kind in sorted(kubernetes.kinds_without_schema()):
            click.echo(f"not validated, since its schema is its operator's: {kind}")
        for what in monitoring.unchecked():
            click.echo(f"not validated: {what}")
    except MissingToolError as missing:
        click.echo(f"Error: {missing}")
        return 3
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
