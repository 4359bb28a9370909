"""One direction: no concrete relation of any model points to an app above its own (design §1)."""

from __future__ import annotations

import pytest
from django.apps import apps

# From the ground up. A relation may point to its own app or to one before it.
HOUSE = ("accounts", "operations", "cultivation", "evaluation", "reporting")
# Frameworks under the house: Django's own and the sign-in packages.
GROUND = {"auth", "contenttypes", "sessions"}


def relations():
    for model in apps.get_models():
        if model._meta.app_label in HOUSE:
            for field in model._meta.get_fields(include_hidden=True):
                if field.is_relation and field.concrete:
                    yield model, field


def test_relations_point_down():
    upward = []
    for model, field in relations():
        target = field.related_model
        assert target is not None, f"{model._meta.label}.{field.name}: no generic relations"
        label = target._meta.app_label
        if label in GROUND:
            continue
        if HOUSE.index(label) > HOUSE.index(model._meta.app_label):
            upward.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert not upward


def test_the_walk_sees_relations():
    assert len(list(relations())) > 20


@pytest.mark.parametrize("label", HOUSE)
def test_every_app_of_the_house_is_installed(label):
    assert apps.get_app_config(label)
