"""The patch encoder: trains, evaluates, calibrates and exports public/models/patch. Start at train.py."""
