"""The scan: reads the lists of an Azure environment into a snapshot; a list that cannot be read becomes a gap."""
