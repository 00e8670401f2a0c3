"""`make bench`: every measurement there is."""

from bench import claims, delivery, engine, reading_pages, start_page

engine.main()
claims.main()
delivery.main()
start_page.main()
reading_pages.main()
