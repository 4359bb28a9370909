from django.apps import AppConfig


class CultivationConfig(AppConfig):
    name = "cultivation"
    verbose_name = "培育"

    def ready(self) -> None:
        from cultivation import wiring

        wiring.register()
