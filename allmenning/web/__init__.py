"""Page parts: layout, components, languages, access, and what every response must carry."""
