"""What the pages share: the workspace, cached calls, the frame around a chart, the sidebar."""
