"""What finds anomalies with the help of new rows; needs the extra ``detect``."""

from nngmix.detection.classifier import NNGMixClassifier

__all__ = ["NNGMixClassifier"]
