"""The four dashboards: what is shown, in which unit, and what it means to somebody who is woken at night."""

from deploy.monitoring.grafana.boards.api import API
from deploy.monitoring.grafana.boards.database import DATABASE
from deploy.monitoring.grafana.boards.overview import OVERVIEW
from deploy.monitoring.grafana.boards.pipeline import PIPELINE

DASHBOARDS = (OVERVIEW, API, DATABASE, PIPELINE)
