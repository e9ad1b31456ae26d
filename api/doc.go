// Package api is the service that others reach: gRPC in the contract swmaas.v1 (api/proto), tokens and roles, errors with
// reasons and sentences, and the same calls over HTTP for browsers. It decides nothing about rides; it turns messages into
// the types of dispatch and vehicles and back, and generated types go no further than here.
//
// # What happens to a call
//
//	gate       over HTTP the body is kept unread until the caller is admitted
//	guard      panics are caught and reported once; the token is checked, then role × method, before the body is read
//	limits     size of the message, default and longest deadline
//	checks     area of the request against the token's, rules of the message (protovalidate)
//	service    scope of the token (own riders, own vehicle, own facility), mapping, the engine
//	errors     the one table of errors.go gives the code, the reason and a sentence in Japanese and English
//
// Health and reflection need no token. Logs hold ids, codes and lengths of time; never a message, a label or a token.
package api
