"""Django's PostgreSQL backend with a health check that needs no round trip (docs/decisions/0008-list-rendering.md)."""
