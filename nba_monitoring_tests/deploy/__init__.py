"""What runs in production: Dagster on Postgres, the image, the compose file, the chart's values."""
