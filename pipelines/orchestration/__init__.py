"""All of Dagster, and only Dagster: assets, checks, partitions, resources, jobs, schedules, sensors.

What may not enter: work. An asset body calls plain functions of the steps and says in Dagster's words what they
answered, so that `rosterhub sync` does the same without Dagster.
"""
