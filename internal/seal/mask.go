package seal

import (
	"strings"
	"unicode/utf8"
)

// MaskPhone hides the middle of a telephone number: "138 **** 4417". What is
// too short to keep its ends is hidden whole.
func MaskPhone(number string) string {
	prefix, digits := "", make([]byte, 0, len(number))
	for i := range len(number) {
		switch c := number[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '+' && len(digits) == 0:
			prefix = "+"
		}
	}
	if len(digits) == 0 {
		return ""
	}
	if len(digits) < 8 {
		return "****"
	}
	if prefix == "+" && len(digits) > 11 {
		// Keep the country code out of the part that is shown.
		country := len(digits) - 11
		prefix += string(digits[:country]) + " "
		digits = digits[country:]
	}
	return prefix + string(digits[:3]) + " **** " + string(digits[len(digits)-4:])
}

// MaskMail hides the name of a mail address but for its first letter:
// "a***@x.example".
func MaskMail(address string) string {
	name, host, ok := strings.Cut(address, "@")
	if !ok || name == "" {
		return mask(address)
	}
	first, size := utf8.DecodeRuneInString(name)
	if size == len(name) {
		return "***@" + host
	}
	return string(first) + "***@" + host
}

func mask(text string) string {
	if text == "" {
		return ""
	}
	return "***"
}
