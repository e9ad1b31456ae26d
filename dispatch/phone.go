package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// homeRegion is where a number without a country code belongs.
const homeRegion = "JP"

// NormalPhone is a phone number in E.164 form, such as +81765541234 for 0765-54-1234 in any width. It fails with ErrInvalid
// where the text cannot be a number. Numbers of ranges that the tables of the library do not know pass: ranges open more
// often than releases come.
func NormalPhone(text string) (string, error) {
	text = norm.NFKC.String(text)
	n, err := phonenumbers.Parse(text, homeRegion)
	if err != nil || !phonenumbers.IsPossibleNumber(n) || n.GetExtension() != "" {
		return "", fmt.Errorf("%w: not a phone number; write one such as 0765-54-1234 or +81 765 54 1234", ErrInvalid)
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// ReadablePhone is a number in E.164 form as people write it: 0765-54-1234 for one of this country, with its country code
// for another. What is no number comes back as it is.
func ReadablePhone(e164 string) string {
	n, err := phonenumbers.Parse(e164, homeRegion)
	if err != nil {
		return e164
	}
	if n.GetCountryCode() == int32(phonenumbers.GetCountryCodeForRegion(homeRegion)) {
		return phonenumbers.Format(n, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// carriedPhones begin the numbers of this country that people carry with them. The tables of the library lag behind new ranges.
var carriedPhones = []string{"+8160", "+8170", "+8180", "+8190"}

// carriedPhone reports whether a number in E.164 form is one that people carry with them.
func carriedPhone(e164 string) bool {
	return slices.ContainsFunc(carriedPhones, func(begin string) bool { return strings.HasPrefix(e164, begin) })
}
