"""What chat completions have cost, or will: by construct, model, stack and day."""
