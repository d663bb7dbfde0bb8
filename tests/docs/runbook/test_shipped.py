"""Commands of docker and kubectl name what deploy/ ships."""

import pytest

from deploy.validation import tools
from deploy.validation.tools import MissingToolError
from tests.docs.runbook import shipped
from tests.docs.runbook.blocks import commands


@pytest.fixture(autouse=True)
def _kustomize() -> None:
    try:
        tools.program("kubectl")
    except MissingToolError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("command", commands("files"))
def test_what_it_names_is_shipped(command: str) -> None:
    assert not list(shipped.faults(command))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("docker compose --file deploy/compose.yaml restart web", "no service web"),
        ("docker compose --file compose.yaml up", "compose.yaml does not exist"),
        ("docker build --file deploy/Dockerfile --target web .", "no target web"),
        ("kubectl apply -k deploy/kubernetes/overlays/staging", "does not exist"),
        ("kubectl get pods", "namespace"),
        ("kubectl logs -f deployment/web -n rosterhub", "no Deployment web"),
        ("kubectl scale deployment rosterhub-api web --replicas=0 -n rosterhub", "no Deployment web"),
        ("kubectl set image deployment/rosterhub-api web=x -n rosterhub", "no container web"),
        ("kubectl get hpa web -n rosterhub", "no HorizontalPodAutoscaler web"),
        ("kubectl exec -it web-0 -n rosterhub -- pg_ctl promote", "no StatefulSet web"),
        ("kubectl describe pod -l app.kubernetes.io/name=web -n rosterhub", "nothing is labelled"),
        ("helm list", "no command that is checked"),
    ],
)
def test_what_is_not_shipped_is_found(command: str, said: str) -> None:
    assert said in " ".join(shipped.faults(command))
