"""Generators of what is checked in or published: modules, documentation tables, the error reference."""
