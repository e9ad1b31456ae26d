// Package seal encrypts personal fields so that Redis, its files and its backups hold nothing that can be read without the
// area's key file, and so that one person's data can be made unreadable everywhere by destroying one small key.
//
// # Keys
//
//	area key ring   one file for each area, on the machines of the service only; wraps data keys (AES-256-GCM); it can be
//	                rotated, and keeps its old keys so that what they wrapped can be opened
//	master key      optional, outside the installation (Master): wraps the key files, so that folder and backups alone are worth nothing
//	data key        one for each person, AES-256-GCM, wrapped by the area's ring and kept in a KeyStore (Redis); destroying
//	                it is what erases a person
//	look-up key     in the same file: HMAC-SHA-256, for finding a person by phone number without keeping the number readable.
//	                It is never rotated, because every kept look-up value would have to be made again
//
// Every sealed field is bound to its area, person and field name as associated data: it opens nowhere else.
//
// # Formats
//
// A sealed field is a byte 1 and the ciphertext (nonce first, tag last). A wrapped data key is a byte 1 and the ring's
// ciphertext, which names the ring's key that made it. The key file is JSON; see keyFile.
package seal
