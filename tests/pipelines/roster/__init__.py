"""Publishing, on a real PostgreSQL."""
