"""Traces by OpenTelemetry and numbers for Prometheus; the only place that knows either."""
