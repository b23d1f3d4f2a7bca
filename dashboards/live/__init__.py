"""The live map: stream, lookups, tiles, playback."""
