"""Azure policies that may refuse what a registration creates, evaluated for the resources that it creates."""
