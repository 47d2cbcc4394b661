"""GitHub's REST API as the rest of the house sees it: the only import of githubkit.

`gateway.py` has the calls, `transport.py` the connection under them, `payloads.py` maps what comes back to our values,
and `refusals.py` puts what went wrong into a sentence.
"""

from triage.github.gateway import GitHub

__all__ = ["GitHub"]
