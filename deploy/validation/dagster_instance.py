"""Dagster's instance on Kubernetes: the usual one but for the run launcher, which Dagster itself has to take.

The Job that the launcher would make of a run is held against Kubernetes' schema and the rules for pods.
"""

import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from deploy.validation import kubernetes, pods
from deploy.validation.naming import PROJECT

USUAL = PROJECT / "dagster_home" / "dagster.yaml"
INSTANCE = kubernetes.BASE / "instance" / "dagster.yaml"
_LAUNCHER = "run_launcher"
_NO_CLUSTER = """\
current-context: none
contexts: [{name: none, context: {cluster: none, user: nobody}}]
clusters: [{name: none, cluster: {server: "https://127.0.0.1:9"}}]
users: [{name: nobody, user: {}}]
"""


def faults() -> Iterator[str]:
    """What is wrong with it."""
    here = yaml.safe_load(INSTANCE.read_text())
    yield from differences(yaml.safe_load(USUAL.read_text()), here)
    resources = kubernetes.build(kubernetes.OVERLAYS[-1])
    yield from (f"Job of a run: {fault}" for fault in _job_faults(job(here[_LAUNCHER]["config"]), resources))


def differences(usual: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    """What differs besides the run launcher."""
    for key in sorted((usual.keys() | here.keys()) - {_LAUNCHER}):
        if usual.get(key) != here.get(key):
            yield f"kubernetes/base/instance/dagster.yaml: {key} is not that of dagster_home/dagster.yaml: copy it"


def job(config: dict[str, Any]) -> dict[str, Any]:
    """The Job that a launcher with that configuration makes of a run. ValueError if Dagster turns it down."""
    from dagster import DagsterRun
    from dagster_k8s.container_context import K8sContainerContext
    from dagster_k8s.job import construct_dagster_k8s_job
    from kubernetes.client import ApiClient

    launcher = _launcher(config)
    context = K8sContainerContext.create_for_run(DagsterRun(job_name="sync"), launcher, include_run_tags=False)
    made = construct_dagster_k8s_job(
        job_config=context.get_k8s_job_config("rosterhub/pipelines:v0.1.0", launcher),
        args=["dagster", "api", "execute_run"],
        job_name="dagster-run-1",
        pod_name="dagster-run-1",
        component="run_worker",
        user_defined_k8s_config=context.run_k8s_config,
    )
    resource: dict[str, Any] = ApiClient().sanitize_for_serialization(made)
    return resource


def _launcher(config: dict[str, Any]) -> Any:
    """The launcher itself, which would talk to a cluster that is not there."""
    from dagster._config import process_config, resolve_to_config_type
    from dagster_k8s import K8sRunLauncher

    processed = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), config)
    if not processed.success:
        raise ValueError("; ".join(error.message for error in processed.errors or []))
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as cluster:
        cluster.write(_NO_CLUSTER)
        cluster.flush()
        return K8sRunLauncher(
            **{**(processed.value or {}), "load_incluster_config": False, "kubeconfig_file": cluster.name}
        )


def _job_faults(job: dict[str, Any], resources: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from kubernetes.schema_faults(job)
    yield from pods.faults([job, *resources], kubernetes.read(kubernetes.SECRETS))
