// Everdesk is an always-on customer-service desk in one binary.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // business calendars need zones where the system has none

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "dev"

// commands is the command line.
type commands struct {
	Serve   serve    `cmd:"" help:"Run the desk."`
	Demo    demoShop `cmd:"" help:"Run the desk with an invented shop in it, to try everything out."`
	Migrate migrate  `cmd:"" help:"Bring the database's schema up to date and print the steps taken."`
	Doctor  doctor   `cmd:"" help:"Look for what is wrong with an installation, and say what to do."`
	Backup  backup   `cmd:"" help:"Write database and uploads as they are now into one file, while the desk runs, and verify it."`
	Restore restore  `cmd:"" help:"Fill an empty place from a backup; on either engine, whichever it was taken from."`
	User    user     `cmd:"" help:"People who sign in."`
	Apikey  apikey   `cmd:"" help:"Keys for programs."`
	Openapi openapi  `cmd:"" help:"Print the API's OpenAPI document."`

	NLU   understanding `cmd:"" name:"nlu" help:"The bot's understanding of language."`
	Bench benches       `cmd:"" help:"Measure the desk and verify what it acknowledged."`

	Version kong.VersionFlag `help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cli commands
	parsed := kong.Parse(&cli, kong.Name("everdesk"), kong.Vars{"version": version},
		kong.Description("An always-on customer-service desk: one binary, every channel, and still there when parts of it are not."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	parsed.FatalIfErrorf(parsed.Run())
}
