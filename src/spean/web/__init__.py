"""Pages for officers: templates, their declared contexts, and what the browser runs (docs/ui-principles.md)."""
