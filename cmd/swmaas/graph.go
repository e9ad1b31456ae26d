package main

// graphCmd groups the commands that work on a road graph file.
type graphCmd struct{}
