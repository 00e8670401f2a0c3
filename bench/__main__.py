"""`make bench`: every measurement there is."""

from bench import engine

engine.main()
