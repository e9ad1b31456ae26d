// Package redistest starts private redis-server processes for tests.
//
// It lives under testdata, which the pattern ./... skips, because three adapters and the command need it and none of
// them may import another (see the import table in ARCHITECTURE.md). What mends an append-only file it shares with the
// engine. Only _test.go files import it. Every server is a
// real one, durable as in production (append-only file, appendfsync always), and belongs to one test: it is killed
// when the test ends, and with the test process if that dies first.
package redistest
