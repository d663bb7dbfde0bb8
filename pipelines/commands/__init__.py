"""The subcommands of `rosterhub`, one module each. Arguments come in, functions are called, results are printed.

No work is done here: what a command does lives in the package it names.
"""
