"""Events of shops: told in their words, taken as facts."""
