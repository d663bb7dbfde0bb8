"""The change feed of a source: all of it, or the part that a client limited to organisations sees. No HTTP, no JSON.

A row of the feed holds the ids of at most `contract.CHANGES_IN_A_ROW` records of one entity that one generation did the
same to. Rows are never changed, and later generations come behind, so a place in the feed lasts.
"""
