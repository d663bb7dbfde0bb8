"""The house itself under test: directions, sizes, completeness."""
