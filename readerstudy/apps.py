from django.apps import AppConfig


class ReaderStudyConfig(AppConfig):
    name = "readerstudy"
    default_auto_field = "django.db.models.BigAutoField"
