"""Made-up bundles of any size, for demonstrations, tests and benchmarks: the same seed gives the same bytes.

Every row is a function of the seed, its file and its number, so nothing is remembered between rows and any slice of a
file can be made by itself. No real person, school or address is in here. Nothing here reads a bundle or a database.
"""
