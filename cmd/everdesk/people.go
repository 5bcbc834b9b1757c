package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	"everdesk/internal/app"
	"everdesk/internal/config"
)

// user is the commands about people.
type user struct {
	Add addUser `cmd:"" help:"Add somebody who signs in, and a workspace with --new-workspace."`
}

type addUser struct {
	config.Node
	Mail          string `arg:"" help:"Mail address to sign in with."`
	Name          string `required:"" help:"Name colleagues and customers see."`
	Role          string `default:"agent" enum:"owner,admin,supervisor,agent,trainer" help:"One of ${enum}."`
	Workspace     string `help:"Slug of the workspace to join."`
	NewWorkspace  string `name:"new-workspace" help:"Name of a workspace to make; the user owns it."`
	Locale        string `default:"zh-CN" enum:"zh-CN,en" help:"Language: ${enum}."`
	TimeZone      string `name:"time-zone" default:"Asia/Shanghai" help:"IANA time zone of a new workspace."`
	PasswordStdin bool   `name:"password-stdin" help:"Read the password from standard input; else one is made and printed."`
}

// Run adds the user.
func (c *addUser) Run(ctx context.Context) error {
	password := rand.Text()
	if c.PasswordStdin {
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil && line == "" {
			return fmt.Errorf("reading the password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
	}
	return with(ctx, c.Node, c.Addr, func(desk *app.App) error {
		if _, err := desk.AddUser(ctx, app.NewUser{
			Workspace: c.Workspace, NewWorkspace: c.NewWorkspace, Mail: c.Mail, Name: c.Name, Password: password,
			Role: c.Role, Locale: c.Locale, TimeZone: c.TimeZone,
		}); err != nil {
			return err
		}
		if !c.PasswordStdin {
			fmt.Println(password)
		}
		return nil
	})
}

// apikey is the commands about keys.
type apikey struct {
	Add addKey `cmd:"" help:"Make an API key and print it; it is shown this once."`
}

type addKey struct {
	config.Node
	Workspace    string `help:"Slug of the key's workspace."`
	NewWorkspace string `name:"new-workspace" help:"Name of a workspace to make for it."`
	Name         string `default:"command line" help:"What the key is for."`
	Role         string `default:"agent" enum:"owner,admin,supervisor,agent,trainer" help:"The key may do what this role may: ${enum}."`
}

// Run makes the key.
func (c *addKey) Run(ctx context.Context) error {
	return with(ctx, c.Node, c.Addr, func(desk *app.App) error {
		workspace, err := desk.WorkspaceBySlug(ctx, c.Workspace)
		if c.NewWorkspace != "" {
			workspace, err = desk.AddUser(ctx, app.NewUser{
				NewWorkspace: c.NewWorkspace, Mail: "owner@" + strings.ToLower(rand.Text()) + ".invalid", Name: "Owner",
				Password: rand.Text(), Locale: "en", TimeZone: "UTC",
			})
		}
		if err != nil {
			return err
		}
		key, err := desk.AddKey(ctx, workspace, c.Name, c.Role)
		if err == nil {
			fmt.Println(key)
		}
		return err
	})
}
