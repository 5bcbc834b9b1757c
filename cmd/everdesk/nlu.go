package main

import (
	"os"

	"everdesk/internal/exam"
)

// understanding is the bot's understanding of language.
type understanding struct {
	Eval nluEval `cmd:"" help:"Train on labelled files and measure on others; each line is label<TAB>text."`
}

type nluEval struct {
	Train []string `required:"" type:"existingfile" help:"A file to learn from; may be given more than once."`
	Test  string   `required:"" type:"existingfile" help:"The file to be asked."`
	OOS   string   `name:"oos" type:"existingfile" help:"A file of texts that belong to no label."`
	JSON  bool     `name:"json" help:"Print nothing but one JSON object."`
}

// Run measures.
func (c *nluEval) Run() error {
	result, err := exam.Run(exam.Files{Train: c.Train, Test: c.Test, OOS: c.OOS})
	if err != nil {
		return err
	}
	if c.JSON {
		return result.JSON(os.Stdout)
	}
	return result.Text(os.Stdout)
}
