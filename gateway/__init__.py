"""The door: ASGI application, OAuth2, tokens, limits, telemetry, command line and web pages."""
