// What every office page can do more with script than without.
