"""Single files to keep and print: evidence map, day map, heat map."""
