"""Free ports on the loopback interface."""

import socket

HOST = "127.0.0.1"


def free_port(wished: int) -> int:
    """The wished port if nothing listens on it, otherwise any that is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wished))
        except OSError:
            probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
