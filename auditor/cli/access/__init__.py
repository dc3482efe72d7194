"""`migaudit can` and `migaudit who-can`."""
