"""What watches the hub: Prometheus' rules, Alertmanager's routes, Grafana's dashboards."""
