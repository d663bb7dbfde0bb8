"""Tests of the deploy files and of what validates them."""
