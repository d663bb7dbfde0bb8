"""What can be known of the deploy files without a container engine or a cluster: `make check-deploy`.

Each module holds one kind of file against the tools of its trade and against the project: what is named has to exist.
What only an engine or a cluster could tell (whether images build and start) is not known here.
"""
