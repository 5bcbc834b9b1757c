package access

import "strings"

// sign is a word in a User-Agent and what it stands for. The first that is
// found counts, so the ones that others pretend to be come last.
type sign struct{ word, name string }

var (
	browsers = []sign{
		{"MicroMessenger", "WeChat"},
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser", "Samsung Internet"},
		{"QQBrowser", "QQ Browser"},
		{"Firefox/", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systems = []sign{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"HarmonyOS", "HarmonyOS"},
		{"OpenHarmony", "HarmonyOS"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
	}
)

// Device names browser and system of a User-Agent: "Chrome · macOS". It returns
// "" for what it does not know.
func Device(agent string) string {
	browser, system := first(browsers, agent), first(systems, agent)
	if browser == "" || system == "" {
		return browser + system
	}
	return browser + " · " + system
}

func first(signs []sign, agent string) string {
	for _, s := range signs {
		if strings.Contains(agent, s.word) {
			return s.name
		}
	}
	return ""
}
