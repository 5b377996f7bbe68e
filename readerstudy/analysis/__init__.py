"""Statistics of reader studies: from one long ratings table to tables of numbers, without a database."""
