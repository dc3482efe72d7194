"""The inventory of an Azure environment: ids, typed resources, reads and gaps, and the snapshot that stores them."""
