"""Constructs: from Python to Terraform JSON. Importing anything in here starts a Node process."""
