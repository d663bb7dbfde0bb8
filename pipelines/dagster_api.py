"""What is asked of Dagster, through its web server's GraphQL: definitions and daemons, runs launched and looked up.

No Dagster is imported here, nor dagster-graphql's client, which brings all of it along and cannot list or delete runs:
a command would take three seconds to start. The names that both sides need are here therefore.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import DependencyAway, Refused
from pipelines.run_records import ENDED, word

LOCATION = "rosterhub"
SYNC_JOB = "sync"
PARTITIONS, PARTITION_TAG = "source", "dagster/partition"
BUNDLE_OP = "landing__bundle"  # the step of `sync` that is told which bundle to take

_LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename ... on PythonError { message } } } } } }"""
_DAEMONS = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } }"
_ADD_PARTITION = """mutation ($selector: RepositorySelector!, $name: String!, $key: String!) {
    addDynamicPartition(repositorySelector: $selector, partitionsDefName: $name, partitionKey: $key) {
        __typename ... on UnauthorizedError { message } ... on PythonError { message } } }"""
_LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on Error { message }
    ... on RunConfigValidationInvalid { errors { message } } } }"""
_FIELDS = """runId jobName status creationTime startTime endTime tags { key value }
    stats { ... on RunStatsSnapshot { stepsSucceeded } } executionPlan { steps { key } }"""
_RUN = f"query ($id: ID!) {{ runOrError(runId: $id) {{ ... on Run {{ {_FIELDS} }} ... on Error {{ message }} }} }}"
_RUNS = f"""query ($filter: RunsFilter!, $limit: Int!) {{ runsOrError(filter: $filter, limit: $limit) {{
    ... on Runs {{ results {{ {_FIELDS.partition("stats")[0]} }} }} ... on Error {{ message }} }} }}"""
_CANCEL = """mutation ($id: String!) { terminateRun(runId: $id, terminatePolicy: SAFE_TERMINATE) {
    __typename ... on Error { message } ... on TerminateRunFailure { message } } }"""
_RETRY = """mutation ($id: String!) { launchRunReexecution(reexecutionParams: {
    parentRunId: $id, strategy: ALL_STEPS, useParentRunTags: true }) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on Error { message } } }"""
_DELETE = "mutation ($id: String!) { deletePipelineRun(runId: $id) { __typename ... on Error { message } } }"
_FAILURES = """query ($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
    ... on ExecutionStepFailureEvent { stepKey error { message causes { message } } }
    ... on RunFailureEvent { error { message causes { message } } } } } } }"""


@dataclass(frozen=True)
class Run:
    """A run as Dagster tells of it, its state in our word. Moments are seconds since the epoch."""

    id: str
    job: str
    source: str  # "" where the job has none
    status: str
    created: float
    started: float | None
    ended: float | None
    steps_done: int = 0
    steps: int = 0

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Run":
        """From the fields of a query."""
        tags = {tag["key"]: tag["value"] for tag in told["tags"]}
        return cls(
            id=told["runId"],
            job=told["jobName"],
            source=tags.get(PARTITION_TAG, ""),
            status=word(told["status"]),
            created=told["creationTime"],
            started=told["startTime"],
            ended=told["endTime"],
            steps_done=(told.get("stats") or {}).get("stepsSucceeded", 0),
            steps=len((told.get("executionPlan") or {}).get("steps", ())),
        )

    @property
    def has_ended(self) -> bool:
        """Whether it will change no more."""
        return self.status in ENDED

    @property
    def seconds(self) -> float | None:
        """How long it took; None before it ended."""
        return round(self.ended - self.started, 1) if self.started and self.ended else None


@dataclass(frozen=True)
class DagsterApi:
    """Dagster at a URL such as http://127.0.0.1:3001."""

    url: str

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The `data` of the answer."""
        request = urllib.request.Request(  # noqa: S310 - our own http address
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise Refused(f"Dagster at {self.url} refused a query: {error.read().decode()[:500]}") from error
        except OSError as error:
            raise DependencyAway(f"Dagster at {self.url} does not answer: {error}") from error
        if answer.get("errors"):
            raise Refused(f"Dagster at {self.url}: {answer['errors'][0]['message']}")
        data: dict[str, Any] = answer["data"]
        return data

    def answers(self) -> bool:
        """Whether there is a Dagster at all."""
        try:
            return bool(self.ask("{ version }"))
        except DependencyAway:
            return False

    def has_loaded(self) -> bool:
        """Whether the definitions are there; raises if they cannot be loaded."""
        try:
            entries = self.ask(_LOCATIONS)["workspaceOrError"]["locationEntries"]
        except DependencyAway:
            return False
        for entry in entries:
            loaded = entry["locationOrLoadError"]
            if loaded is not None and loaded["__typename"] == "PythonError":
                raise Refused(f"Dagster cannot load pipelines.definitions: {loaded['message'].strip()}")
        return bool(entries) and all(entry["loadStatus"] == "LOADED" for entry in entries)

    def daemons_are_healthy(self) -> bool:
        """Whether the queue, the sensors and the schedules are being looked after."""
        statuses = self.ask(_DAEMONS)["instance"]["daemonHealth"]["allDaemonStatuses"]
        return all(status["healthy"] for status in statuses if status["required"])

    def add_partition(self, name: str, key: str) -> None:
        """Make a dynamic partition known; one that is there already is fine."""
        selector = {"repositoryName": "__repository__", "repositoryLocationName": LOCATION}
        answer = self.ask(_ADD_PARTITION, selector=selector, name=name, key=key)["addDynamicPartition"]
        if answer["__typename"] not in ("AddDynamicPartitionSuccess", "DuplicateDynamicPartitionError"):
            raise Refused(f"Dagster did not take the source {key}: {answer.get('message', answer['__typename'])}")

    def launch_sync(self, source: str, bundle: Path | None = None, accept: str | None = None) -> str:
        """Queue a sync of a source, which becomes known if it is new: of that bundle instead of the oldest unprocessed
        one, and even if it is held, where its fingerprint is accepted. The run's id."""
        self.add_partition(PARTITIONS, source)
        told = {"bundle": str(bundle.absolute()) if bundle else None, "accept": accept}
        config = {name: value for name, value in told.items() if value}
        return self.launch(SYNC_JOB, source, {BUNDLE_OP: config})

    def launch(self, job: str, partition: str, config: dict[str, Any] | None = None) -> str:
        """Queue a run of a job for a partition, with the configuration of its ops by name; its id."""
        selector = {"repositoryName": "__repository__", "repositoryLocationName": LOCATION, "jobName": job}
        tags = [{"key": PARTITION_TAG, "value": partition}]
        run_config = {"ops": {name: {"config": values} for name, values in (config or {}).items()}}
        params = {
            "selector": selector,
            "mode": "default",
            "executionMetadata": {"tags": tags},
            "runConfigData": run_config,
        }
        answer = self.ask(_LAUNCH, params=params)["launchRun"]
        if answer["__typename"] != "LaunchRunSuccess":
            raise Refused(f"Dagster did not launch {job} for {partition}: {_reason(answer)}")
        return str(answer["run"]["runId"])

    def run(self, run_id: str) -> Run:
        """One run; Refused if there is none of that id."""
        answer = self.ask(_RUN, id=run_id)["runOrError"]
        if "status" not in answer:
            raise Refused(f"Dagster: {answer.get('message', 'no such run')}")
        return Run.of(answer)

    def runs(self, statuses: Sequence[str] = (), source: str | None = None, limit: int = 50) -> list[Run]:
        """Runs in Dagster's states of those names, or in any; the newest first."""
        tags = [{"key": PARTITION_TAG, "value": source}] if source else []
        wanted = {"statuses": list(statuses) or None, "tags": tags or None}
        answer = self.ask(_RUNS, filter=wanted, limit=limit)["runsOrError"]
        if "results" not in answer:
            raise Refused(f"Dagster: {answer.get('message')}")
        return [Run.of(told) for told in answer["results"]]

    def cancel(self, run_id: str) -> None:
        """End a run that is queued or under way; what it has not committed is rolled back."""
        self._change(_CANCEL, "terminateRun", "TerminateRunSuccess", run_id)

    def retry(self, run_id: str) -> str:
        """Run it again from its beginning, with the same configuration; the new run's id."""
        answer = self._change(_RETRY, "launchRunReexecution", "LaunchRunSuccess", run_id)
        return str(answer["run"]["runId"])

    def delete(self, run_id: str) -> None:
        """Forget a run that ended, with its log."""
        self._change(_DELETE, "deletePipelineRun", "DeletePipelineRunSuccess", run_id)

    def _change(self, mutation: str, name: str, success: str, run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.ask(mutation, id=run_id)[name]
        if answer["__typename"] != success:
            raise Refused(f"Dagster did not do that with run {run_id}: {_reason(answer)}")
        return answer

    def failure(self, run_id: str) -> str:
        """What a failed run died of, the innermost cause."""
        events = self.ask(_FAILURES, id=run_id)["logsForRun"].get("events", [])
        errors = [event["error"] for event in events if event.get("error")]
        if not errors:
            return "no reason was recorded"
        causes = errors[0].get("causes") or []
        message = str((causes[-1] if causes else errors[0])["message"]).strip()
        return message.removeprefix("dagster._core.definitions.events.Failure: ")


def _reason(answer: dict[str, Any]) -> str:
    messages = [error["message"] for error in answer.get("errors", [])]
    return answer.get("message") or "; ".join(messages) or answer["__typename"]
