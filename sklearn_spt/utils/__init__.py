"""What all rooms use and what knows nothing of the field: files, parameters, warnings, groups."""
