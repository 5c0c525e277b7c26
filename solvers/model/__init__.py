"""The exact model: variables, one constraint per rule, goals, and the goals' lexicographic run."""
