"""How people sign an endpoint in at its vendor, and how its access tokens are kept fresh."""
