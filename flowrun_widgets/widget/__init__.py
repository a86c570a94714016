"""The live card in a notebook: the widget, its answers to the page, and how it is displayed."""
