"""Certificates that certify nothing, for servers to be tried with. Real ones come from whoever runs the hub."""

from pathlib import Path

from deploy.validation import tools


def make(folder: Path, host: str) -> None:
    """tls.crt and tls.key for that host in a folder, valid for two days."""
    names = ("-addext", f"subjectAltName=DNS:{host},IP:127.0.0.1")
    issue(host, folder / "tls.crt", folder / "tls.key", *names)


def issue(name: str, certificate: Path, key: Path, *further: str | Path) -> None:
    """A certificate of that common name and its key, valid for two days; `further` arguments are openssl's."""
    done = tools.run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "2", "-subj", f"/CN={name}", *further, "-keyout", key, "-out", certificate),
    )
    if done.returncode != 0:
        raise RuntimeError(f"openssl made no certificate: {tools.complaint(done)}")
