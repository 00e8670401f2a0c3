"""The demo: `glint demo` starts a reference ERP and Glint, plays a purchase and a club's day as a user would, and compares the books."""

from app.demo.run import run

__all__ = ["run"]
