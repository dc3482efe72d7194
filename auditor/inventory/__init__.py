"""The picture of an Azure environment: ids, typed resources, gaps, and the snapshot file that keeps them."""
