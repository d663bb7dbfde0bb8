"""From a request to rows: request → ListQuery → Plan → SQL → Page. The only SQL over roster tables is in sql.py.

Each step but the last is a function of plain values. What JSON the rows become is rendering's matter.
"""
