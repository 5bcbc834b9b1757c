package app

import (
	"strconv"

	"everdesk/internal/fault"
)

func isNotFound(err error) bool { return err != nil && fault.KindOf(err) == fault.NotFound }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
