"""Cases, volumes, masks, metrics and the prediction queue."""
