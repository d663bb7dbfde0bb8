"""What the data is: OneRoster 1.2 and 1.1 and the Japan profile, declared once as plain frozen data.

Everything else in RosterHub is a reading of these declarations: CSV rules, DDL, change sets, JSON, docs.
Standard library only; nothing here reads a file, a frame or a database.
"""
