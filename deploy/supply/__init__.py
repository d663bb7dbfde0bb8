"""What the images are made of beyond our own code: listed (`make sbom`), and asked for known faults (`make audit`)."""
