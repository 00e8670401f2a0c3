"""Real ERPs for tests, installed by `make erps` into a folder of their own and run on loopback."""
