"""What finds anomalies with the help of new rows; needs the extra ``detect``."""
