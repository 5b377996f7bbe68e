"""People by their label in a dataset: names stand on the people page alone."""

from django import template

from accounts.models import User
from segmentation.models import Dataset

register = template.Library()
_KEPT = "_labels_by_person"


@register.filter
def label_in(user: User | None, dataset: Dataset) -> str:
    """Return a person's label (M1, A1 …); "the system" for nobody, "a former member" for somebody without one."""
    if user is None:
        return "the system"
    if _KEPT not in dataset.__dict__:
        labels = dataset.members.order_by("role").values_list("user_id", "label")
        dataset.__dict__[_KEPT] = dict(labels)
    return str(dataset.__dict__[_KEPT].get(user.pk, "a former member"))
