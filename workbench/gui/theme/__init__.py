"""One visual language: colours, type sizes, curve styles and icons, light and dark."""
