"""The ledgers, one module per family; importing the package registers all of them."""

from cultivation.ledgers import situation

__all__ = ["situation"]
