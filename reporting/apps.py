from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "总结"

    def ready(self) -> None:
        from reporting import wiring

        wiring.register()
