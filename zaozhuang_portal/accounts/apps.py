from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "zaozhuang_portal.accounts"
    label = "accounts"
    verbose_name = "机构与人员"

    def ready(self) -> None:
        from zaozhuang_portal.accounts import wiring

        wiring.register()
