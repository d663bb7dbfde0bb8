"""Pages for people: what the hub is and holds, at `/`, and its documentation, at `/docs`.

Nothing on them needs credentials, is personal, names a source, or comes from another host.
"""
