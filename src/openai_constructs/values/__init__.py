"""Plain values: messages, functions and queries. No CDK, no Node process."""
