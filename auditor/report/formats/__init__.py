"""Reports for machines, tickets and spreadsheets: one file per format."""
