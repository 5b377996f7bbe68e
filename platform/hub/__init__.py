"""The site: settings, addresses, background jobs, base pages."""
