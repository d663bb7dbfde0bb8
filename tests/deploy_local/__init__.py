"""The one-machine stack, with real servers."""
