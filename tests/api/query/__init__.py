"""From text to SQL to records: grammar, plans and statements by tables, their meaning over real PostgreSQL."""
