"""The documentation held against the code: commands, links, and the parts that are made from declarations."""
