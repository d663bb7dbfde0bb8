"""The API: plain functions by tables, and the application over real PostgreSQL and Valkey."""
