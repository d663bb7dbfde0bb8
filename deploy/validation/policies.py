"""Who may talk to whom in a kustomize build, and that the emergency file takes all of it back."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Resource = dict[str, Any]

# What stays permitted in an emergency: names, and PostgreSQL with its own replicas, or it would take itself for lost.
_KEPT = {"names", "postgres"}


def faults(resources: Sequence[Resource], emergency: Sequence[Resource]) -> list[str]:
    """What is wrong with an overlay's policies and with the emergency file."""
    found = policies(resources)
    faults = [f"NetworkPolicy {name}: selects no pod" for name in _idle(found, resources)]
    if not any(_denies_everything(policy) for policy in found.values()):
        faults.append("no NetworkPolicy denies what no other permits")
    permitting = {name for name, policy in found.items() if not _denies_everything(policy)} - _KEPT
    taken_back = {name for name, policy in policies(emergency).items() if _denies_everything(policy)}
    faults += [f"network-policy-deny-all.yaml leaves {name} as it is" for name in sorted(permitting - taken_back)]
    faults += [
        f"network-policy-deny-all.yaml empties {name}, which is none" for name in sorted(taken_back - permitting)
    ]
    return faults


def policies(resources: Iterable[Resource]) -> dict[str, Resource]:
    """What the policies among the resources say, by name."""
    return {
        resource["metadata"]["name"]: resource["spec"] for resource in resources if resource["kind"] == "NetworkPolicy"
    }


def _denies_everything(policy: Resource) -> bool:
    """Whether it holds for every pod in both directions, and permits nothing."""
    directions = set(policy.get("policyTypes", []))
    permits = policy.get("ingress") or policy.get("egress")
    return policy["podSelector"] == {} and directions == {"Ingress", "Egress"} and not permits


def _idle(found: dict[str, Resource], resources: Sequence[Resource]) -> Iterator[str]:
    """Policies for pods that are not there. Those of a Cluster are made by its operator, which labels them."""
    labels = [resource["spec"]["template"]["metadata"]["labels"] for resource in resources if _has_pods(resource)]
    labels += [{"cnpg.io/cluster": each["metadata"]["name"]} for each in resources if each["kind"] == "Cluster"]
    for name, policy in found.items():
        wanted = policy["podSelector"].get("matchLabels", {})
        if not any(wanted.items() <= own.items() for own in labels):
            yield name


def _has_pods(resource: Resource) -> bool:
    return "labels" in resource.get("spec", {}).get("template", {}).get("metadata", {})
