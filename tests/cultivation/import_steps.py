"""The steps of an import of the register, as tests take them."""

from cultivation.rules.imports_fields import ImportKind
from cultivation.services.imports import (
    check_import,
    confirm_import,
    import_file,
    stage_import,
)
from tests.cultivation.import_samples import (
    NOW,
)

ENTERPRISES = ImportKind.ENTERPRISES


def bring(city, data, *, kind=ENTERPRISES, organization=None, **options):
    return import_file(
        actor=None,
        kind=kind,
        organization=organization or city.tengzhou,
        data=data,
        filename="名册.xlsx",
        now=NOW,
        **options,
    )


def stage(clerk, city, data, **options):
    return stage_import(
        actor=clerk,
        kind=options.pop("kind", ENTERPRISES),
        organization=options.pop("organization", city.tengzhou),
        data=data,
        filename="名册.xlsx",
        now=NOW,
        **options,
    )


def check(clerk, batch):
    return check_import(actor=clerk, batch=batch, now=NOW)


def confirm(clerk, batch, **options):
    options = {"only_good": True, "digest": batch.digest, "now": NOW} | options
    return confirm_import(actor=clerk, batch=batch, **options)


def imported(clerk, city, data, **options):
    return confirm(clerk, check(clerk, stage(clerk, city, data)), **options)


def counts(outcome):
    return outcome.created, outcome.updated, outcome.unchanged, len(outcome.errors)
