"""The operations runbook: two editions that say the same, each command run or held against what is shipped."""
