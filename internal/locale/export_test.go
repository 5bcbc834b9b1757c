package locale

// Raw is a message with its placeholders.
func Raw(tag string, code string) string { return catalogue[tag][code] }

// Fill fills the placeholders of any text.
var Fill = fill
