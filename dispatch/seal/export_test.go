package seal

// Cached is the number of entries in the ring's cache.
func (r *Ring) Cached() int { return r.keys.size() }
