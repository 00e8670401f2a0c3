"""`make bench`: every measurement there is."""

from bench import claims, delivery, engine, start_page

engine.main()
claims.main()
delivery.main()
start_page.main()
