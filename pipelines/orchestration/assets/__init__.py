"""The assets, one module per stage: bodies of a few lines that call the stage's functions."""
