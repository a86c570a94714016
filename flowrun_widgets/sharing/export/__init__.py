"""One file that shows runs for ever: the twin in its markup, the card over it, the whole log inside.

`blocks` is data as it stands in a page, `line_blocks` a log as such data, `card_data` what one card needs, `page` a page
of runs, `notebook` and `exporter` a page of a notebook, `read_back` the runs of a page as views, `pdf` a page on paper.
"""
