"""Common base of both editions: protocol, types, planning, serving, installing."""
