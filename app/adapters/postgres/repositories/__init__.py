"""One repository per port, on the connection of its unit of work."""
