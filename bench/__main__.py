"""`make bench`: every measurement there is."""

from bench import claims, delivery, engine

engine.main()
claims.main()
delivery.main()
