"""What pictures are drawn with: colours, sheets, texts, scales."""
