"""Staging: plain functions over small files."""
