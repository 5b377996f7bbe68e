"""Django's SQLite backend, with a schema that may be distrusted.

With trusted_schema=OFF a CHECK constraint may only call functions that SQLite itself vouches for. Up to 3.40 (Debian
12) it does not vouch for JSON_VALID, which Django writes into the CHECK of every JSONField, so no row could be
inserted. The field serialises what it is given, so the constraint guarded only against SQL written by hand.
"""

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A SQLite connection whose JSON columns carry no CHECK."""

    data_type_check_constraints = {
        kind: check for kind, check in base.DatabaseWrapper.data_type_check_constraints.items() if kind != "JSONField"
    }
