"""What the stack and the demo ask of Dagster, through its web server's GraphQL. No Dagster is imported here."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from pipelines.errors import DependencyAway, Refused

LOCATION = "rosterhub"
_ENDED = {"SUCCESS", "FAILURE", "CANCELED"}

_LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename ... on PythonError { message } } } } } }"""
_DAEMONS = "{ instance { daemonHealth { allDaemonStatuses { required healthy } } } }"
_ADD_PARTITION = """mutation ($selector: RepositorySelector!, $name: String!, $key: String!) {
    addDynamicPartition(repositorySelector: $selector, partitionsDefName: $name, partitionKey: $key) {
        __typename ... on UnauthorizedError { message } ... on PythonError { message } } }"""
_LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on Error { message }
    ... on RunConfigValidationInvalid { errors { message } } } }"""
_RUN = """query ($id: ID!) { runOrError(runId: $id) { ... on Run { status stats {
    ... on RunStatsSnapshot { stepsSucceeded } } } ... on Error { message } } }"""
_FAILURES = """query ($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
    ... on ExecutionStepFailureEvent { stepKey error { message causes { message } } }
    ... on RunFailureEvent { error { message causes { message } } } } } } }"""


@dataclass(frozen=True)
class Run:
    """How far a run is; `status` is Dagster's word."""

    status: str
    steps_done: int

    @property
    def has_ended(self) -> bool:
        """Whether it will change no more."""
        return self.status in _ENDED


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

    def launch(self, job: str, partition: str, config: dict[str, Any] | None = None) -> str:
        """Queue a run of a job for a partition, with the configuration of its ops by name; its id."""
        selector = {"repositoryName": "__repository__", "repositoryLocationName": LOCATION, "jobName": job}
        tags = [{"key": "dagster/partition", "value": partition}]
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
        """How far a run is."""
        answer = self.ask(_RUN, id=run_id)["runOrError"]
        if "status" not in answer:
            raise Refused(f"Dagster: {answer.get('message', 'no such run')}")
        return Run(answer["status"], (answer.get("stats") or {}).get("stepsSucceeded", 0))

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
