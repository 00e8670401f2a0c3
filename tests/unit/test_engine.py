"""The database's URL as operators write it."""

import pytest

from app.adapters.postgres.engine import async_url, make_engine


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://u:p%40@h/d", "postgresql+asyncpg://u:p%40@h/d"),
        ("postgres://u@h:5433/d", "postgresql+asyncpg://u@h:5433/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+psycopg://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
    ],
)
def test_whatever_names_postgresql_is_understood(given: str, expected: str) -> None:
    assert async_url(given) == expected


@pytest.mark.parametrize("given", ["mysql://u@h/d", "sqlite:///x.db", "nonsense"])
def test_another_database_is_refused_without_repeating_the_password(given: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL URL"):
        async_url(given)


@pytest.mark.anyio
async def test_an_engine_has_as_many_connections_as_it_is_told() -> None:
    engine = make_engine("postgresql+asyncpg://u:s3cret@h/d", pool_size=3)
    assert "s3cret" not in repr(engine)
    assert engine.sync_engine.hide_parameters
    assert engine.pool.size() == 3  # type: ignore[attr-defined]
    await engine.dispose()
