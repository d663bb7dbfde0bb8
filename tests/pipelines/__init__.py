"""The pipelines, package by package."""
