"""The demo city: invented firms and people, made through the services. Never loaded under production settings."""
