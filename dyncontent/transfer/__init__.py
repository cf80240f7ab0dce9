"""All definitions as a folder of YAML and files, and back."""
