"""The command: `python -m tests.benchmarks [--quick] [--folder F] [--out bench.json] [--write-docs]`."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local.progress import Progress
from deploy.local.supervisor import Stopped
from pipelines.errors import DependencyAway, RosterHubError
from tests.benchmarks import (
    documents,
    loading,
    machine,
    orchestrating,
    reading_while_publishing,
    results,
    servers,
    serving,
    tables,
)
from tests.benchmarks.results import Run
from tests.benchmarks.serving import Load, Reading

FOLDER = Path(".rosterhub", "bench")
RESULTS = Path("bench.json")
PAGE = Path("docs", "performance.md")


@dataclass(frozen=True)
class Mode:
    """How much is measured."""

    name: str
    students: int
    rounds: int
    load: Load


QUICK = Mode("quick", 10_000, 3, Load(requests=400, crawl_rows=100_000))
FULL = Mode("full", 200_000, 3, Load(requests=2_000, crawl_rows=1_000_000))


def main() -> int:
    """Run it; the exit code says whether it could be measured, never how fast it was."""
    given = _arguments()
    try:
        if given.write_docs:
            return _write_docs(given.out)
        run = _measure(QUICK if given.quick else FULL, given)
    except Stopped:
        return 130
    except psycopg.Error as error:
        print(f"Error: PostgreSQL did not go along: {error}", file=sys.stderr)
        return DependencyAway.exit_code
    except RosterHubError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    results.write(run, given.out)
    print(tables.aligned(tables.HEADER, tables.rows(run)))
    print(f"\nwrote {given.out}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure loading and reading.")
    parser.add_argument("--quick", action="store_true", help="a small district, in some minutes")
    parser.add_argument("--students", type=_positive, help="another size of district")
    parser.add_argument("--rounds", type=_positive, help="how often everything is measured")
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"for servers and bundles ({FOLDER})")
    parser.add_argument("--out", type=Path, default=RESULTS, help=f"where figures are written ({RESULTS})")
    parser.add_argument("--write-docs", action="store_true", help=f"measure nothing, make {PAGE} from --out")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("a whole number above 0 is expected")
    return int(text)


def _measure(mode: Mode, given: argparse.Namespace) -> Run:
    run = Run(mode.name, given.students or mode.students, machine.facts())
    progress, rounds = Progress(), given.rounds or mode.rounds
    with servers.running(given.folder, progress) as started:
        run.machine["versions"]["postgres"] = started.server.programs.version
        material = loading.make_material(started.folder / "bundles", run, progress)
        filled = loading.measure(started, material, run, rounds)
        reading = Reading.start(started, filled, run)
        serving.measure(reading, mode.load, rounds)
        reading_while_publishing.measure(reading, material, rounds)
        with orchestrating.running(given.folder / "stack", progress) as up:
            orchestrating.measure(up, run, rounds)
    return run


def _write_docs(source: Path) -> int:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(documents.page(results.read(source)))
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
