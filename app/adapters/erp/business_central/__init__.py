"""Microsoft Dynamics 365 Business Central: the standard API v2.0."""
