"""Dagster on Kubernetes: Dagster takes the instance, and the Job of a run is one that the namespace lets in."""

import copy
from typing import Any

import pytest
import yaml

from deploy.validation import dagster_instance

pytestmark = pytest.mark.usefixtures("validators")


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(dagster_instance.INSTANCE.read_text())["run_launcher"]["config"]
    return loaded


def test_nothing_is_wrong() -> None:
    assert list(dagster_instance.faults()) == []


def test_what_differs_from_the_usual_instance_is_found() -> None:
    usual = yaml.safe_load(dagster_instance.USUAL.read_text())
    here = copy.deepcopy(usual) | {"telemetry": {"enabled": True}}
    (fault,) = dagster_instance.differences(usual, here)
    assert fault.endswith("telemetry is not that of dagster_home/dagster.yaml: copy it")


def test_what_dagster_does_not_know_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="job_namespaces"):
        dagster_instance.job({**config, "job_namespaces": "x"})


def test_the_job_of_a_run_sees_the_bundles_and_the_secrets(config: dict[str, Any]) -> None:
    pod = dagster_instance.job(config)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"].startswith("rosterhub/pipelines:")
    assert {"/landing", "/data"} <= {mount["mountPath"] for mount in container["volumeMounts"]}
    assert {"secretRef": {"name": "rosterhub-secrets"}} in container["envFrom"]
    assert pod["serviceAccountName"] == "rosterhub-run"
