"""Front matter + Markdown + Jinja2 to subject, text and HTML, in each language."""
