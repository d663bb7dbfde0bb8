"""The dashboards, declared once. `python -m deploy.monitoring.grafana` writes the files that Grafana is given."""
