"""The Kubernetes files are sound, say what the runbook says, and each fault that their validation knows is found."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.validation import compose, kubernetes, pods, policies
from deploy.validation.kubernetes import DENY_ALL, OVERLAYS, SECRETS, Resource

pytestmark = pytest.mark.usefixtures("validators")

DEVELOPMENT, PRODUCTION = OVERLAYS


def one(resources: tuple[Resource, ...], kind: str, name: str) -> Resource:
    (found,) = [each for each in resources if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def test_nothing_is_wrong() -> None:
    assert list(kubernetes.faults()) == []


def test_only_what_operators_define_goes_without_a_schema() -> None:
    assert {kind.split("/")[0] for kind in kubernetes.kinds_without_schema()} == {
        "barmancloud.cnpg.io",
        "postgresql.cnpg.io",
    }


def test_everything_is_in_the_namespace_of_the_runbook() -> None:
    for folder in OVERLAYS:
        named = {each["metadata"].get("namespace") for each in kubernetes.build(folder) if each["kind"] != "Namespace"}
        assert named == {"rosterhub"}


def test_the_api_is_as_the_runbook_has_it() -> None:
    production = kubernetes.build(PRODUCTION)
    (container,) = one(production, "Deployment", "rosterhub-api")["spec"]["template"]["spec"]["containers"]
    assert container["name"] == "api"
    assert container["resources"] == {
        "requests": {"memory": "512Mi", "cpu": "500m"},
        "limits": {"memory": "1Gi", "cpu": "1000m"},
    }
    scaler = one(production, "HorizontalPodAutoscaler", "rosterhub-api")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 20)
    assert "replicas" not in one(production, "Deployment", "rosterhub-api")["spec"], "or applying would undo the scaler"


def test_development_has_the_replica_of_the_runbook() -> None:
    replica = one(kubernetes.build(DEVELOPMENT), "StatefulSet", "postgres-replica")["spec"]["template"]["spec"]
    assert "PGDATA" in {entry["name"] for entry in replica["containers"][0]["env"]}, "or pg_ctl promote finds nothing"


def test_images_are_those_of_compose() -> None:
    services = yaml.safe_load(compose.COMPOSE.read_text().replace("${ROSTERHUB_VERSION:-v0.1.0}", "v0.1.0"))["services"]
    known = {service["image"] for service in services.values()}
    for folder in OVERLAYS:
        for _, template in pods.templates(kubernetes.build(folder)):
            assert {container["image"] for container in template["spec"]["containers"]} <= known


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("securityContext/runAsNonRoot", False, "may run as root"),
        ("securityContext/seccompProfile", {}, "may run as root, or without a seccomp profile"),
        ("enableServiceLinks", True, "gets a variable for every Service"),
        ("automountServiceAccountToken", True, "has a token for the cluster"),
        ("terminationGracePeriodSeconds", 40, "is killed before its requests have ended: they may take 40 s"),
        ("containers/0/lifecycle", {}, "ends before the cluster has heard"),
        ("containers/0/image", "rosterhub/api", "api uses rosterhub/api: name a full version"),
        ("containers/0/resources/limits", {}, "api asks for no memory and cpu, or has no limit"),
        ("containers/0/securityContext/capabilities", {}, "api may gain privileges"),
        ("containers/0/securityContext/readOnlyRootFilesystem", False, "api can write to its own files"),
        ("containers/0/readinessProbe/httpGet/path", "/ready", "api is probed at /ready, which is not served"),
        ("containers/0/env/0/valueFrom/secretKeyRef/key", "DB", "wants the Secret rosterhub-api-secrets/DB"),
        ("containers/0/env/0", {"name": "ROSTERHUB_HOEM", "value": "/"}, "api sets ROSTERHUB_HOEM"),
        ("containers/0/envFrom/0/configMapRef/name", "settings", "wants the ConfigMap settings, which is nowhere"),
        ("containers/0/volumeMounts/0/name", "temp", "api mounts temp, which is no volume"),
        ("containers/0/args", ["rosterhub", "fly"], "api runs rosterhub fly"),
    ],
)
def test_a_fault_of_a_pod_is_found(path: str, value: Any, fault: str) -> None:
    resources = copy.deepcopy(kubernetes.build(PRODUCTION))
    put(one(resources, "Deployment", "rosterhub-api")["spec"]["template"]["spec"], path, value)
    found = pods.faults(resources, kubernetes.read(SECRETS))
    assert any(each.startswith(f"Deployment rosterhub-api: {fault}") for each in found), found


@pytest.mark.parametrize(
    ("kind", "name", "path", "value", "fault"),
    [
        ("Service", "rosterhub-api", "spec/selector", {"app": "x"}, "Service rosterhub-api: selects no pod"),
        (
            "HorizontalPodAutoscaler",
            "rosterhub-api",
            "spec/scaleTargetRef/name",
            "api",
            "HorizontalPodAutoscaler rosterhub-api: scales Deployment api",
        ),
    ],
)
def test_what_refers_to_nothing_is_found(kind: str, name: str, path: str, value: Any, fault: str) -> None:
    resources = copy.deepcopy(kubernetes.build(PRODUCTION))
    put(one(resources, kind, name), path, value)
    assert any(each.startswith(fault) for each in pods.faults(resources, kubernetes.read(SECRETS)))


def test_a_property_that_kubernetes_does_not_know_is_found() -> None:
    resource = copy.deepcopy(one(kubernetes.build(PRODUCTION), "Service", "nginx"))
    resource["spec"]["selectors"] = {}
    (fault,) = kubernetes.schema_faults(resource)
    assert "selectors" in fault


def test_a_build_that_kustomize_turns_down_is_told(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [nothing.yaml]\n")
    with pytest.raises(kubernetes.BuildError, match=r"nothing\.yaml"):
        kubernetes.build(tmp_path)


@pytest.mark.parametrize("folder", OVERLAYS, ids=lambda folder: folder.name)
def test_the_emergency_file_leaves_nothing_open_but_names_and_postgres(folder: Path) -> None:
    """As it would be after `kubectl apply -f`: policies add up, so none that permits may be left."""
    after = policies.policies(kubernetes.build(folder)) | policies.policies(kubernetes.read(DENY_ALL))
    permitting = {name for name, policy in after.items() if policy.get("ingress") or policy.get("egress")}
    assert permitting == {"names", "postgres"}
    from_outside = [rule for rule in after["postgres"]["ingress"] if "from" not in rule]
    assert from_outside == []


def test_a_policy_that_the_emergency_file_forgets_is_found() -> None:
    production, emergency = kubernetes.build(PRODUCTION), kubernetes.read(DENY_ALL)
    assert policies.faults(production, emergency[1:]) == ["network-policy-deny-all.yaml leaves nginx as it is"]
    without = tuple(each for each in production if each["metadata"]["name"] != "default-deny")
    assert policies.faults(without, emergency) == ["no NetworkPolicy denies what no other permits"]
    renamed = copy.deepcopy(production)
    put(one(renamed, "NetworkPolicy", "redis"), "spec/podSelector/matchLabels", {"app": "valkey"})
    assert policies.faults(renamed, emergency) == ["NetworkPolicy redis: selects no pod"]


def put(within: Any, path: str, value: Any) -> None:
    """Set what lies at a path such as containers/0/image."""
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
    for part in parents:
        within = within[part]
    within[last] = value
