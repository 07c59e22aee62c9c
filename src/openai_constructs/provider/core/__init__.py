"""What both editions are built from: protocol, types, planning, serving, installing."""
