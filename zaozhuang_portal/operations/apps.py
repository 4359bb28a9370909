from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "zaozhuang_portal.operations"
    label = "operations"
    verbose_name = "附件、任务与通知"

    def ready(self) -> None:
        from zaozhuang_portal.operations import wiring

        wiring.register()
