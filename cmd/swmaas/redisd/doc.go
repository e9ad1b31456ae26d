// Package redisd runs the private redis-server child of one engine: the default store when no Redis is named.
//
// The child listens on a Unix socket only and keeps its data in one folder:
//
//	redis.sock      the socket
//	redis.lock      held (flock) by the child, and by nobody else, for as long as it lives
//	engine.lock     held by the engine that uses the folder
//	redis.pid       process id of the child, for people; nothing decides by it
//	redis.log       what the child has to say; never personal data
//	appendonlydir/  the append-only file (durable child)
//
// The child inherits the open redis.lock, so the kernel itself says whether a child lives, also after the engine that
// started it was killed. An engine that finds the lock free starts a child; one that finds it taken reattaches to the
// child that holds it. One append-only file is therefore never opened twice. The child has a session of its own: what
// ends the engine, an interrupt on the terminal or kill -9, does not end it.
//
// A durable child writes and syncs every command before it answers (appendfsync always) and takes no snapshots. Its
// append-only file may be cut at any byte, by a power cut or a full disk: before a child is started, the unfinished tail
// is dropped and a prefix of whole commands kept, where a MULTI block or a script counts as one command (package aof; Redis
// by itself keeps the begun MULTI block, and what is written later falls into it). A child that is not durable
// keeps nothing: it serves the live positions of vehicles.
package redisd
