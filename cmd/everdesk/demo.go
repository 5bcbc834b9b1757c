package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"everdesk/internal/app"
	"everdesk/internal/config"
	"everdesk/internal/demo"
)

// demoShop runs the desk with a shop in it.
type demoShop struct {
	config.Node
	Fresh bool `help:"Start over: delete the demo's database, keys and uploads in the data directory first."`
	Quiet bool `help:"Let no customers of the shop write by themselves when somebody signs in."`

	office *demo.BackOffice `kong:"-"`
}

// Run fills the demo unless that has been done, and serves.
func (c *demoShop) Run(ctx context.Context) error {
	return listen(ctx, c.Node, stage{before: c.prepare, within: c.open, allow: c.allow})
}

// allow opens the shop's order system, and lets the desk reach it: that it is
// on this machine is this operator's doing.
func (c *demoShop) allow() ([]string, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, err
	}
	var err error
	if c.office, err = demo.OpenBackOffice(c.Data, time.Now); err != nil {
		return nil, err
	}
	return []string{c.office.Address(), c.office.PostAddress()}, nil
}

// prepare makes room for the demo and nothing else.
func (c *demoShop) prepare() error {
	switch {
	case c.Fresh && c.DB != "":
		return errors.New("--fresh deletes a data directory, not a PostgreSQL database: give --db an empty one")
	case c.Fresh:
		if err := demo.Clear(c.Data); err != nil {
			return err
		}
	}
	if c.DB != "" {
		return nil
	}
	return demo.Claim(c.Data)
}

// open fills the shop, puts its storefront beside the desk and says who can
// sign in.
func (c *demoShop) open(ctx context.Context, desk *app.App, url string) error {
	shop, err := demo.Open(ctx, desk.Desk(), os.Stderr)
	if err != nil {
		return err
	}
	if err := shop.Employ(ctx, c.office); err != nil {
		return err
	}
	shop.Mount(desk)
	if !c.Quiet {
		desk.Alongside(shop.Scene)
	}
	fmt.Printf("storefront   %s/demo/\nback office  %s/demo/backoffice\nchat page    %s%s\nconsole      %s/\n", url, url, url, shop.ChatPage(), url)
	for _, one := range demo.SignIns() {
		fmt.Printf("  %-24s %-12s %s\n", one.Mail, one.Role, one.Name)
	}
	fmt.Printf("  the password of each is %s\n", demo.Password)
	fmt.Println("All customers, orders and conversations are invented. What you do here stays; --fresh starts over.")
	return nil
}
