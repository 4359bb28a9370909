from django.urls import path

from zaozhuang_portal.kernel import views

app_name = "ui"
urlpatterns = [
    path("ui/elder/", views.switch_elder, name="elder"),
    path("ui/density/", views.switch_density, name="density"),
    path("help/", views.show_page, {"page": "help"}, name="help"),
    path("help/keys/", views.show_page, {"page": "keys"}, name="keys"),
    path("accessibility/", views.show_page, {"page": "accessibility"}, name="accessibility"),
    path("privacy/", views.show_page, {"page": "privacy"}, name="privacy"),
]
