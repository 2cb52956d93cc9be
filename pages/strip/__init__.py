"""The strip: dates, model, rule, filters, which together are one question."""
