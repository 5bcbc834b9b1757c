package app

import (
	"slices"
	"strconv"

	"everdesk/internal/fault"
)

func isNotFound(err error) bool { return err != nil && fault.KindOf(err) == fault.NotFound }

func contains[T comparable](all []T, one T) bool { return slices.Contains(all, one) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
