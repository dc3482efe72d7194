"""Azure Resource Graph as a source: what it shows of subscriptions in which nothing of Azure Migrate is."""
