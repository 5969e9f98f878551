"""What developers run to keep generated files in step with their sources."""
