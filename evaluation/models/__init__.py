from evaluation.models.indicator_sets import IndicatorSet

__all__ = ["IndicatorSet"]
