"""What the pages are made of: a question asked and kept, the frame around a chart, tables, texts."""
