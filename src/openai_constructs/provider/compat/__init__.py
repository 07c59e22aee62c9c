"""The compat edition: answers for ``mkdev-me/openai`` 1.2.0, as strict as the real one and never kinder."""
