"""`make demo`: the whole way, from made-up bundles to answers of the API, with nothing prepared beforehand.

    python -m deploy.local.demo          show it, then go on until Ctrl-C
    python -m deploy.local.demo --once   show it, check it, stop: 0 only if all of it worked

It uses what any operator has: `rosterhub sample`, the job `sync` through Dagster, `rosterhub keys create`, HTTP.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import click

from deploy.local.progress import Progress
from deploy.local.stack import Stack, running
from deploy.local.supervisor import Stopped
from pipelines import settings as configuration
from pipelines.dagster_api import DagsterApi
from pipelines.errors import DependencyAway, Refused, RosterHubError
from pipelines.run_records import SUCCEEDED
from pipelines.settings import Settings

_ROSTERING = "/ims/oneroster/rostering/v1p2"
_RUN_SECONDS = 600


@dataclass(frozen=True)
class District:
    """A made-up source."""

    source: str
    flavour: str
    students: int


DISTRICTS = (District("demo_district", "us", 200), District("demo_japan", "japan", 40))


@dataclass(frozen=True)
class Demo:
    """The steps of the demo on a stack that is up."""

    stack: Stack
    progress: Progress

    @property
    def settings(self) -> Settings:
        """As resolved: the ports and URLs really used."""
        return self.stack.applications.settings

    def play(self) -> None:
        """All of it; raises at the first thing that does not work."""
        for district in DISTRICTS:
            self._make_bundle(district)
        for district in DISTRICTS:
            self._sync(district)
        key = self._create_key()
        requests = self._request_everything(key)
        self._summarise(key, requests)

    def _make_bundle(self, district: District) -> None:
        folder = self.settings.landing / district.source
        if folder.is_dir() and any(folder.iterdir()):
            self.progress.say(f"{folder} has a bundle from an earlier demo")
            return
        with self.progress.step(f"{district.source}: a made-up district of {district.students} pupils is written"):
            self._rosterhub(
                *("sample", "--students", str(district.students), "--flavour", district.flavour, str(folder))
            )
        self.progress.say(f"wrote a made-up district of {district.students} pupils to {folder}")

    def _sync(self, district: District) -> None:
        dagster = DagsterApi(self.stack.applications.ui_url)
        bundle = self.settings.landing / district.source  # named, so that a second demo may take it again
        run_id = dagster.launch_sync(district.source, bundle)
        self.progress.say(f"Dagster run of sync for {district.source}: {dagster.url}/runs/{run_id}")
        began = time.monotonic()
        with self.progress.step(f"Dagster syncs {district.source}"):
            status = self._wait(dagster, run_id, began)
        if status != SUCCEEDED:
            raise Refused(f"the run ended with {status}: {dagster.failure(run_id)}")
        self.progress.say(f"synced {district.source} ({time.monotonic() - began:.1f} s)")

    def _wait(self, dagster: DagsterApi, run_id: str, began: float) -> str:
        while not (run := dagster.run(run_id)).has_ended:
            if time.monotonic() - began > _RUN_SECONDS:
                raise DependencyAway(f"run {run_id} is {run.status} after {_RUN_SECONDS} s: see {dagster.url}/runs")
            self.stack.supervisor.watch(seconds=0.5)
        return run.status

    def _create_key(self) -> str:
        key = json.loads(self._rosterhub("keys", "create", "--name", "demo", "--json"))
        return f"{key['key']}.{key['secret']}"

    def _request_everything(self, key: str) -> list[str]:
        """Three requests, checked; their URLs."""
        orgs, _ = self._get(f"{_ROSTERING}/orgs", key)
        page, total = self._get(f"{_ROSTERING}/users?limit=25", key)
        student, _ = self._get(f"{_ROSTERING}/students?limit=1", key)
        if not orgs["orgs"] or not page["users"] or not student["users"]:
            raise Refused("the API answers, but without the records that were just published")
        one = f"{_ROSTERING}/students/{student['users'][0]['sourcedId']}"
        shown = self._get(one, key)[0]["user"]
        self.progress.say(f"the API serves {len(orgs['orgs'])} orgs and {total} users, {_name(shown)} among them")
        return [f"{_ROSTERING}/orgs", f"{_ROSTERING}/users?limit=25", one]

    def _get(self, path: str, key: str) -> tuple[dict[str, Any], str]:
        request = urllib.request.Request(  # noqa: S310 - our own http address
            f"{self.stack.applications.api_url}{path}", headers={"X-API-Key": key}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return json.load(response), response.headers.get("X-Total-Count", "?")
        except urllib.error.HTTPError as error:
            raise Refused(f"GET {path} was answered {error.code}: {error.read().decode()[:300]}") from error
        except OSError as error:
            raise DependencyAway(f"GET {path}: the API does not answer: {error}") from error

    def _summarise(self, key: str, paths: list[str]) -> None:
        api, ui = self.stack.applications.api_url, self.stack.applications.ui_url
        curls = "\n".join(f"    curl -s -H 'X-API-Key: {key}' '{api}{path}'" for path in paths)
        self.progress.say(
            f"\nRosterHub runs in {self.settings.home}\n"
            f"  Dagster          {ui}\n"
            f"  API              {api}\n"
            f"  API key          {key}\n"
            f"  bundles go to    {self.settings.landing}/<source>/\n\n  Try\n{curls}\n"
        )

    def _rosterhub(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *arguments],
            env={**os.environ, **self.stack.applications.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Refused(f"`rosterhub {' '.join(arguments)}` ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout


def _name(user: Mapping[str, Any]) -> str:
    return f"{user['givenName']} {user['familyName']}"


@click.command()
@click.option("--once", is_flag=True, help="Show it, check it, stop.")
def main(once: bool) -> None:
    """Show all of RosterHub on this machine."""
    progress = Progress()
    try:
        settings = configuration.load(announced=False)
        if settings.default_source is None:
            settings = replace(settings, default_source=DISTRICTS[0].source)
        with running(settings, progress) as stack:
            Demo(stack, progress).play()
            if not once:
                progress.say("Ctrl-C stops everything")
                stack.supervisor.watch()
    except Stopped:
        progress.say("stopped")
    except RosterHubError as error:
        progress.say(f"the demo failed: {error}")
        raise SystemExit(error.exit_code) from error


if __name__ == "__main__":
    main()
