"""Who may see the API's own description."""

from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from hub import people


class MayReadSchema(BasePermission):
    """People who run studies; a reader learns no word of what lies behind the blinded pages."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.user.is_authenticated and not people.runs_studies(request.user):
            raise NotFound()
        return bool(request.user.is_authenticated)
