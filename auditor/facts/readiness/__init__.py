"""What assessments and discovery say about whether machines can move to Azure."""
