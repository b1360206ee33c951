"""Pictures of charts, drawn with Pillow, and the signed addresses they are seen at."""
