// Package architecture holds nothing but tests: they read the whole module and fail when it breaks a rule that
// ARCHITECTURE.md states about every package. They are a package of their own, and use the standard library only, so that
// they run in a moment and also while something else does not compile.
package architecture
