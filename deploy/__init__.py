"""How RosterHub is run: on one machine (`deploy.local`), in containers, on Kubernetes. No roster logic enters."""
