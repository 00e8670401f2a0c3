"""An OpenID Connect issuer (Core 1.0, Discovery 1.0, RFC 7636), called through the guarded HTTP client."""
