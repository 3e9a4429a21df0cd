"""The recipe: configuration, workspace, Prefect flows and the `culti` command."""
