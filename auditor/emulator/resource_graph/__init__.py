"""Azure Resource Graph: the queries that the scan sends, answered from the snapshot."""
