"""The OAuth2 server: keys, access tokens, refresh tokens, clients, the token endpoint and its discovery."""
