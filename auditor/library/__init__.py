"""What the commands and `import auditor` share: names that people write, judgements, and answers with their caveats."""
