"""The embedded provider, native edition: what a live deploy needs and the public provider cannot do.

It has everything the compat edition has, under the same names and shapes, and a state of either is read by
the other. What they share lies beside this folder.
"""
