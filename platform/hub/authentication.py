"""Who calls the API: the person of the browser's session."""

from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication
from rest_framework.request import Request


class SessionAuthentication(DRFSessionAuthentication):
    """DRF's session authentication, answering 401 rather than 403 to a stranger."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
