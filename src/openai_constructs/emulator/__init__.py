"""OpenAI-compatible chat completions on loopback, with a store that survives a kill.

Importing this package is cheap: the HTTP server and the JSON library (extra ``local``) are imported when it
starts.
"""

from openai_constructs.emulator.server import Emulator, serve

__all__ = ["Emulator", "serve"]
