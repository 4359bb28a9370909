from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "zaozhuang_portal.accounts"
    label = "accounts"
    verbose_name = "机构与人员"
