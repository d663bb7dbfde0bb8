"""The doctor under test."""
