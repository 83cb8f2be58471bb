"""Run parameterised notebooks with papermill and render them to self-contained HTML pages. Knows nothing of phones."""
