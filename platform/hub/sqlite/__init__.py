"""Django's SQLite backend without functions in the schema."""
