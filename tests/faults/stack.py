"""The whole one-machine stack with a district in it, whose processes are killed and which looks after itself."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.local import processes
from deploy.local.record import Record
from pipelines.backups import inventory
from pipelines.backups.inventory import Inventory
from pipelines.contract import PUBLICATIONS, SOURCES
from pipelines.oneroster.registry import ENTITIES
from pipelines.settings import Settings, load
from tests.deploy_local.test_stack import Operator
from tests.faults import traffic
from tests.faults.traffic import Traffic

SOURCE = "north"
STUDENTS = "200"
_SECONDS = 120
_BEFORE, _AFTER = 1.0, 3.0  # seconds of traffic around a fault
_ROSTER = (*(entity.table for entity in ENTITIES), PUBLICATIONS, SOURCES)


@dataclass(frozen=True)
class Stack:
    """What an operator has started, and a key."""

    operator: Operator
    key: str

    @property
    def settings(self) -> Settings:
        """As commands beside the stack find them."""
        return load({"ROSTERHUB_HOME": str(self.operator.home)}, dotenv=None)

    @property
    def url(self) -> str:
        return str(Record(self.operator.home).read()["urls"]["api"])

    def process(self, service: str) -> psutil.Process | None:
        """The process that leads a service now; None where it is away."""
        services = Record(self.operator.home).services()
        return next((each.identity.find() for each in services if each.name == service), None)

    def running(self, service: str) -> psutil.Process:
        """The process of a service that is not away."""
        found = self.process(service)
        assert found is not None, f"{service} does not run"
        return found

    def land(self, seed: int) -> str:
        """A bundle for the source; its path."""
        place = self.settings.landing / SOURCE / f"{seed:03}"
        self.typed("sample", "--students", STUDENTS, "--seed", str(seed), str(place))
        return str(place)

    def typed(self, *arguments: str) -> str:
        """A command that has to succeed."""
        done = self.operator.types(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def up(home: Path) -> Iterator[Stack]:
    """A stack that has published a district."""
    operator = Operator(home)
    try:
        stack = Stack(operator, "")
        stack.typed("up", "--detach")
        key = json.loads(stack.typed("keys", "create", "--name", "faults", "--scope", "all", "--json"))
        stack.typed("sync", SOURCE, "--bundle", stack.land(1))
        yield Stack(operator, f"{key['key']}.{key['secret']}")
    finally:
        operator.types("down")


def contents(settings: Settings) -> Inventory:
    """Rows and checksums of everything that was published."""
    held = inventory.of(settings.require_database_url())
    return {table: held[table] for table in _ROSTER}


@dataclass
class Met:
    """What a fault did: the traffic before, during and after, and the seconds until all was well again."""

    readers: Traffic
    struck: float = field(default_factory=time.monotonic)
    recovery: float = 0.0


def strike(stack: Stack, fault: Callable[[], None], is_well: Callable[[], bool]) -> Met:
    """Let the fault happen under load, wait until it is over, and see that nothing is lost."""
    before = contents(stack.settings)
    with traffic.readers(stack.url, stack.key) as readers:
        time.sleep(_BEFORE)
        met = Met(readers)
        fault()
        assert processes.wait_until(is_well, _SECONDS)
        met.recovery = time.monotonic() - met.struck
        time.sleep(_AFTER)
    assert readers.since(met.struck + met.recovery + 1).failed() == {}, "clients went on meeting the fault"
    assert inventory.differences(before, contents(stack.settings)) == ()
    return met
