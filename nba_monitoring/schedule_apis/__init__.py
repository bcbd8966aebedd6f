"""Schedules over HTTP: ESPN and balldontlie, each as one source report."""
