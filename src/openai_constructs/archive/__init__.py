"""The archive: a database of the user's own with every answer that was paid for.

One table in SQLite or PostgreSQL. Adoption, lookups, cost, budget and replay all read it. Importing this
package is cheap: SQLAlchemy (extra ``archive``) is imported when an archive is opened.
"""

from openai_constructs.archive.archive import Archive
from openai_constructs.archive.entry import Entry

__all__ = ["Archive", "Entry"]
