"""The card: what it shows (`wire`, `payload`), how the page asks (`protocol`), and the widget itself."""
