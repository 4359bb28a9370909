"""The ledgers, one module per family; importing the package registers all of them."""

from cultivation.ledgers import (
    assistance,
    figures,
    incentives,
    industry,
    mechanism,
    pairings,
    risk_classes,
    situation,
    staff,
    trainings,
    visits,
)

__all__ = [
    "assistance",
    "figures",
    "incentives",
    "industry",
    "mechanism",
    "pairings",
    "risk_classes",
    "situation",
    "staff",
    "trainings",
    "visits",
]
