package api

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/swmaas/swmaas/dispatch"
)

// defaultPage is the length of a page where the caller names none.
const defaultPage = 100

// pageSize is the length of a page; the rules of the messages bound what a caller may ask for.
func pageSize(asked int32) int {
	if asked == 0 {
		return defaultPage
	}
	return int(asked)
}

// A page token is the id that the page before ended with, encoded so that clients do not come to rely on its form. Going on
// after an id rather than a number of rows, a list skips and repeats nothing while rows come and go. Lists in the order of
// their ids go on behind an id that is gone; those in an order of their own (rowsOf) say so with ErrListChanged.

func pageToken(last string) string { return base64.RawURLEncoding.EncodeToString([]byte(last)) }

// pageAfter is the id that a page token was made of. It fails with ErrRequest.
func pageAfter(token string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", fmt.Errorf("%w: page_token: not a token of this list", ErrRequest)
	}
	return string(raw), nil
}

// page cuts one page out of items, which are in the order of their ids: those after the id, at most size, and the token of
// the next page, empty on the last.
func page[T any](items []T, id func(T) string, after string, size int) ([]T, string) {
	first := 0
	for first < len(items) && after != "" && id(items[first]) <= after {
		first++
	}
	items = items[first:]
	if len(items) <= size {
		return items, ""
	}
	return items[:size], pageToken(id(items[size-1]))
}

// versionEtag is the etag of what is stored with a version.
func versionEtag(version int64) string { return "v" + strconv.FormatInt(version, 10) }

// etagVersion is the version of an etag, 0 for none. It fails with dispatch.ErrChanged for what versionEtag never made.
func etagVersion(etag string) (int64, error) {
	if etag == "" {
		return 0, nil
	}
	version, err := strconv.ParseInt(etag[1:], 10, 64)
	if err != nil || version < 1 || versionEtag(version) != etag {
		return 0, fmt.Errorf("%w: %q is no etag of it", dispatch.ErrChanged, etag)
	}
	return version, nil
}
