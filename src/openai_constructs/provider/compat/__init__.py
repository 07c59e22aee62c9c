"""The compat edition: a stand-in for ``mkdev-me/openai`` 1.2.0 that is exactly as strict."""
