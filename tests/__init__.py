"""Tests mirror the packages; servers and sample data they need are in modules beside them."""
