"""The native edition of the embedded provider, with the features that the public provider lacks.

It has everything that the compat edition has, under the same names and shapes, and each edition reads the
other's state. Code that both share is in `provider/core`.
"""
