"""Houses of before: what the code of an earlier commit left on disk, with which the code of today has to go on."""
