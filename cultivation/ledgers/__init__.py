"""The ledgers, one module per family; importing the package registers all of them."""

from cultivation.ledgers import assistance, figures, situation, staff, trainings

__all__ = ["assistance", "figures", "situation", "staff", "trainings"]
