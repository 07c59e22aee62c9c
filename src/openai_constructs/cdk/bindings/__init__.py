"""L1 constructs: one class a Terraform type of the provider, named as ``cdktf get`` would name it.

Arguments are checked against the schema table and texts are literal, as everywhere in this library. All
meta-arguments of CDKTF are there; ``import_from``, ``move_to`` and similar methods are inherited.
"""
