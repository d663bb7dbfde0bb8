"""Certificates that certify nothing, for nginx to be started with. Real ones come from whoever runs the hub."""

from pathlib import Path

from deploy.validation import tools


def make(folder: Path, host: str) -> None:
    """tls.crt and tls.key for that host in a folder, valid for two days."""
    done = tools.run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host},IP:127.0.0.1"),
        *("-keyout", folder / "tls.key", "-out", folder / "tls.crt"),
    )
    if done.returncode != 0:
        raise RuntimeError(f"openssl made no certificate: {tools.complaint(done)}")
