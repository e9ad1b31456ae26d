package dispatch

import (
	"bytes"
	"fmt"
)

// PolicyTemplate is the shipped cautious policy as a file for one area: where a town begins that has decided nothing yet. Its text
// says what to replace.
func PolicyTemplate(area AreaID) ([]byte, error) {
	text, err := shippedPolicies.ReadFile("policies/cautious.json")
	if err != nil {
		return nil, fmt.Errorf("dispatch: shipped policy: %w", err)
	}
	const anywhere = `"area": "*"`
	if bytes.Count(text, []byte(anywhere)) != 1 {
		return nil, fmt.Errorf("%w: the shipped policy names its area otherwise", ErrInvalid)
	}
	return bytes.Replace(text, []byte(anywhere), fmt.Appendf(nil, `"area": %q`, area), 1), nil
}
