"""migaudit: tells why an Azure Migrate appliance will not register, and what a deleted project left behind."""

__version__ = "0.1.0"
