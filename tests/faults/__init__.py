"""The fault suite: real processes on loopback, and everything that can go wrong between them. See README.md."""
