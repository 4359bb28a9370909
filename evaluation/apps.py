from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = "评价"

    def ready(self) -> None:
        from evaluation import wiring

        wiring.register()
