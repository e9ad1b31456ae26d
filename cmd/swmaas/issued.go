package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/dispatch"
)

// issuedFile holds, in the data folder, what is kept of each token that the service issued, one JSON object a line; a later line
// of an id counts. No token can be made from it.
const issuedFile = "issued-tokens"

// issuedTokens issues tokens and keeps what they say. It is safe for concurrent use, also by several processes on one folder.
type issuedTokens struct {
	// immutable after newIssuedTokens
	path    string
	key     *api.TokenKey
	revoked *revocations
	now     func() time.Time

	mu sync.Mutex // orders this process's lines
}

func newIssuedTokens(data string, key *api.TokenKey, revoked *revocations, now func() time.Time) *issuedTokens {
	return &issuedTokens{path: filepath.Join(data, issuedFile), key: key, revoked: revoked, now: now}
}

// Issue implements api.Tokens. What is kept is on disk before the token is shown.
func (s *issuedTokens) Issue(_ context.Context, id string, g api.Grant) (string, api.IssuedToken, error) {
	now := s.now()
	token, err := s.key.IssueAs(id, &g, now)
	if err != nil {
		return "", api.IssuedToken{}, err
	}
	kept := api.IssuedToken{ID: id, Grant: g, Issued: now, Expires: now.Add(g.Life)}
	line, err := json.Marshal(kept)
	if err != nil {
		return "", kept, fmt.Errorf("issued tokens: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	file, err := os.OpenFile(s.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", kept, fmt.Errorf("issued tokens: %w", err)
	}
	_, err = file.Write(append(line, '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", kept, fmt.Errorf("issued tokens: %w", err)
	}
	return token, kept, nil
}

// Issued implements api.Tokens.
func (s *issuedTokens) Issued(_ context.Context, area string) ([]api.IssuedToken, error) {
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("issued tokens: %w", err)
	}
	byID := map[string]api.IssuedToken{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var t api.IssuedToken
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("issued tokens: %s: a line cannot be read: %w", s.path, err)
		}
		byID[t.ID] = t
	}
	maps.DeleteFunc(byID, func(_ string, t api.IssuedToken) bool { return t.Grant.Area != area || !s.now().Before(t.Expires) })
	list := slices.SortedFunc(maps.Values(byID), func(a, b api.IssuedToken) int { return cmp.Compare(a.ID, b.ID) })
	for i := range list {
		list[i].Revoked = s.revoked.has(list[i].ID)
	}
	return list, nil
}

// Revoke implements api.Tokens.
func (s *issuedTokens) Revoke(ctx context.Context, area, id string) error {
	list, err := s.Issued(ctx, area)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(t api.IssuedToken) bool { return t.ID == id }) {
		return fmt.Errorf("%w: token %s of %s", dispatch.ErrNotFound, id, area)
	}
	return s.revoked.add(id)
}
