"""Publications that run at once: of one source one after the other, of two sources side by side, past readers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from tests.api.conftest import Api, serving
from tests.journeys.line import Line, differing, snapshot
from tests.pipelines.district import District

STEP = "writing users"
LONG = 60  # seconds after which a test gives up


class Pause:
    """A progress that stays at a step until it is let go."""

    def __init__(self, step: str = STEP) -> None:
        self.step = step
        self.there, self.go_on = Event(), Event()

    def __call__(self, step: str) -> None:
        if step == self.step:
            self.there.set()
            assert self.go_on.wait(LONG)


class Met:
    """A progress that, before it writes or waits for the first time, waits for the other one to come as far."""

    def __init__(self, meeting: Barrier) -> None:
        self.meeting, self.met = meeting, False

    def __call__(self, step: str) -> None:
        if not self.met and (step.startswith("waiting") or step == "writing academicSessions"):
            self.met = True
            self.meeting.wait(LONG)


def listening(steps: list[str], to: str, then: Callable[[], None]) -> Callable[[str], None]:
    """A progress that notes every step, and does something when one begins with those words."""

    def progress(step: str) -> None:
        steps.append(step)
        if step.startswith(to):
            then()

    return progress


def test_a_second_publication_of_a_source_waits_and_says_so(line: Line, api: Api) -> None:
    line.take(District())
    before = snapshot(api)
    first = line.land(District().change("orgs", "north", name="First").remove("enrollments", "e3"))
    second = line.land(District().change("orgs", "north", name="Second"))
    pause, steps = Pause(), list[str]()
    with ThreadPoolExecutor() as threads:
        running = threads.submit(line.sync, bundle=first, progress=pause)
        assert pause.there.wait(LONG)
        waiting = threads.submit(line.sync, bundle=second, progress=listening(steps, "waiting", pause.go_on.set))
        published, afterwards = running.result(LONG), waiting.result(LONG)
    assert "waiting for a running publication of north" in steps
    assert (published.generation, afterwards.generation) == (2, 3)
    assert afterwards.entities["enrollments"].returned == 1
    after = snapshot(api)
    assert differing(before, after) == {"orgs/north", "schools/north", "enrollments/e3"}
    assert after["orgs/north"]["name"] == "Second"


def test_two_syncs_of_one_source_take_its_bundle_once(line: Line) -> None:
    line.land(District())
    pause, steps = Pause(), list[str]()
    with ThreadPoolExecutor() as threads:
        running = threads.submit(line.sync, progress=pause)
        assert pause.there.wait(LONG)
        waiting = threads.submit(line.sync, progress=listening(steps, "waiting", pause.go_on.set))
        outcomes = [running.result(LONG).outcome, waiting.result(LONG).outcome]
    assert outcomes == ["published", "unchanged"]


def test_two_sources_do_not_wait_for_each_other(line: Line, api: Api) -> None:
    """Both are new, in a hub that has published before."""
    line.take(District())
    line.land(District(), "east")
    pause = Pause()
    with ThreadPoolExecutor() as threads:
        running = threads.submit(line.sync, "east", progress=pause)
        assert pause.there.wait(LONG)
        other = threads.submit(line.take, District(), "west")
        try:
            assert other.result(LONG).outcome == "published"
            shown = snapshot(api, "/sources/west")
        finally:
            pause.go_on.set()
        assert running.result(LONG).outcome == "published"
    with serving(api.hub.settings, api.key) as fresh:  # the other remembers for a moment that there was no such source
        assert snapshot(fresh, "/sources/east").keys() == shown.keys()


def test_two_sources_may_bring_the_first_rows_of_a_hub_at_once(line: Line) -> None:
    """With the first rows of a table come its indexes: whoever is second waits, and both are published."""
    meeting = Barrier(2)
    for source in ("east", "west"):
        line.land(District(), source)
    with ThreadPoolExecutor() as threads:
        running = [threads.submit(line.sync, source, progress=Met(meeting)) for source in ("east", "west")]
        assert [sync.result(LONG).outcome for sync in running] == ["published", "published"]


def test_readers_do_not_wait_for_a_publication(line: Line, api: Api) -> None:
    line.take(District())
    before = snapshot(api)
    line.land(District().change("users", "teacher", email="ada@example.org").remove("enrollments", "e3"))
    pause = Pause("writing results")
    with ThreadPoolExecutor() as threads:
        running = threads.submit(line.sync, progress=pause)
        assert pause.there.wait(LONG)
        try:
            assert snapshot(api) == before
        finally:
            pause.go_on.set()
        running.result(LONG)
    assert differing(before, snapshot(api)) == {"users/teacher", "teachers/teacher", "enrollments/e3"}
