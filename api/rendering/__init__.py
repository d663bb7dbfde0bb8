"""Typed rows into the standard's JSON: a renderer is compiled once per entity and URL base from the declarations.

What may not enter: SQL, and anything about a request but the base that hrefs start with.
"""
