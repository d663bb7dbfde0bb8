"""Whole stories: a bundle lands, is staged and published, and clients read it through the API."""
