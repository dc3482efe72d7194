"""Throttling: the budgets of requests that Azure has, and the refusals beyond them."""
