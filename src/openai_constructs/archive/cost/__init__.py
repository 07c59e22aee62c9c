"""Past and expected cost of chat completions, by construct, model, stack and day."""
