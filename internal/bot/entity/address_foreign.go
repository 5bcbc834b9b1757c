package entity

import (
	"regexp"
	"strings"
)

var (
	streetLine = regexp.MustCompile(`\b(?:(?:flat|apt\.?|apartment|unit|suite|ste\.?|room|rm) [\w\-]{1,6}, ?|# ?\w{1,5},? )?\d{1,6}[a-z]?(?:[-/]\d{1,6}[a-z]?)? (?:(?:n|s|e|w|north|south|east|west)\.? )?(?:[a-zà-ÿ0-9'.\-]{1,20} ){1,4}?(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|square|sq|terrace|highway|hwy|parkway|pkwy|close|crescent|gardens|grove|mews|row|quay|hill)\b\.?(?: (?:nw|ne|sw|se|north|south|east|west))?`)
	avenue     = regexp.MustCompile(`\b\d{1,5} (?:broadway|fifth avenue|park avenue)\b`)
	// romance puts the number first and the kind of street next.
	romance = regexp.MustCompile(`\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|quai|chemin|allée|impasse) (?:[a-zà-ÿ'\-]{1,20} ?){1,5}`)
	// german has the number behind, as have Italy and Spain.
	german = regexp.MustCompile(`\b[a-zäöüß.\-]{2,30}(?:straße|strasse|str\.|platz|weg|allee|gasse|damm|ufer) ?\d{1,4} ?[a-z]?\b`)
	latinS = regexp.MustCompile(`\b(?:via|viale|piazza|corso|calle|avenida|plaza|paseo|carrer|rua) (?:[a-zà-ÿ'\-]{1,20} ){0,4}?[a-zà-ÿ'\-]{2,20},? \d{1,4}\b`)
	poBox  = regexp.MustCompile(`\bp\.?o\.? ?box \d{1,8}\b`)

	secondary = form(`,? ?((?:flat|apt\.?|apartment|unit|suite|ste\.?|room|rm|floor|fl\.?) ?#?[\w\-]{1,6}|#\w{1,6}|\d{1,2}(?:st|nd|rd|th) floor)\b`)
	locality  = form(`,? ?((?:[a-zà-ÿ][a-zà-ÿ'.\-]{1,20} ?){1,4})`)
)

// postcodes are the forms of the countries foreign customers mostly write
// from; the forms that leave no doubt come first.
var postcodes = []struct {
	country string
	form    *regexp.Regexp
}{
	{"GB", form(`,? ?([a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})\b`)},
	{"CA", form(`,? ?(?:([a-z]{2}),? )?([a-z]\d[a-z] ?\d[a-z]\d)\b`)},
	{"US", form(`,? ?([a-z]{2}|` + strings.ToLower(americanStates) + `),? (\d{5}(?:-\d{4})?)\b`)},
	{"AU", form(`,? ?(nsw|vic|qld|wa|sa|tas|act|nt),? (\d{4})\b`)},
	{"NL", form(`,? ?(\d{4} ?[a-z]{2})\b`)},
	{"JP", form(`,? ?(\d{3}-\d{4})\b`)},
	{"", form(`,? ?(\d{4,6})\b`)},
}

const americanStates = `alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|west virginia|wisconsin|wyoming`

var countries = map[string]string{
	"usa": "US", "united states": "US", "us": "US", "uk": "GB", "united kingdom": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB",
	"canada": "CA", "australia": "AU", "new zealand": "NZ", "ireland": "IE", "germany": "DE", "deutschland": "DE", "france": "FR", "italy": "IT", "italia": "IT",
	"spain": "ES", "españa": "ES", "netherlands": "NL", "the netherlands": "NL", "belgium": "BE", "austria": "AT", "switzerland": "CH", "portugal": "PT", "japan": "JP",
	"singapore": "SG", "south korea": "KR", "korea": "KR", "hong kong": "HK", "malaysia": "MY", "thailand": "TH", "mexico": "MX", "brazil": "BR", "india": "IN",
	"china": "CN", "poland": "PL", "sweden": "SE", "norway": "NO", "denmark": "DK", "finland": "FI",
}

var byStreet = []struct {
	form    *regexp.Regexp
	country string
}{{streetLine, ""}, {avenue, "US"}, {romance, "FR"}, {german, "DE"}, {latinS, ""}, {poBox, ""}}

func findAddresses(s *source) []Entity {
	all := addresses(s)
	for _, kind := range byStreet {
		for _, m := range kind.form.FindAllStringIndex(s.text, -1) {
			if s.taken(m[0], m[1]) || alphanum(s.before(m[0])) {
				continue
			}
			if e, ok := foreign(s, m[0], m[1], kind.country); ok {
				all = append(all, e)
			}
		}
	}
	return all
}

// foreign reads on behind a street: rooms, town, postcode and country, as far
// as they come.
func foreign(s *source, start, end int, country string) (Entity, bool) {
	street := s.text[start:end]
	if kind := form(`(\d+)(?: ?(?:am|pm|days?|hours?|weeks?|minutes?|times|items?|pieces?|orders?)\b)`); kind.MatchString(street) {
		return Entity{}, false
	}
	parts := map[string]string{"street": strings.Trim(street, " ,")}
	confidence := 0.55
	end = start + len(strings.TrimRight(street, " ,"))
	if m := secondary.FindStringSubmatchIndex(s.text[end:]); m != nil {
		parts["unit"] = s.text[end+m[2] : end+m[3]]
		end += m[1]
		confidence += 0.15
	}
	for range 4 {
		at, ok := postcode(s.text[end:], parts, country)
		if ok {
			end += at
			confidence += 0.25
			continue
		}
		rest := s.text[end:]
		m := locality.FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		// A town stands behind a comma, or between the street's end and a postcode.
		comma := strings.HasPrefix(strings.TrimLeft(rest, " "), ",")
		name := strings.TrimRight(rest[m[2]:m[3]], " .")
		if name, ok := countryIn(name); ok && (comma || parts["postcode"] != "") {
			parts["country"] = countries[name]
			end += m[2] + len(name)
			confidence += 0.15
			if at, ok := postcode(s.text[end:], parts, countries[name]); ok {
				end += at
			}
			break
		}
		if parts["city"] != "" && parts["postcode"] != "" {
			break
		}
		city, width, ok := town(rest, m[2], name, comma || parts["postcode"] != "")
		if !ok || parts["area"] != "" {
			break
		}
		if parts["city"] != "" {
			parts["area"] = parts["city"]
		}
		parts["city"] = city
		end += width
		confidence += 0.1
	}
	if parts["country"] == "" && country != "" {
		parts["country"] = country
	}
	if len(parts) == 1 && confidence < 0.6 && !poBox.MatchString(street) && len(strings.Fields(street)) < 3 {
		return Entity{}, false
	}
	return Entity{Kind: Address, Start: start, End: end, Value: inOneLine(s, start, end), Parts: parts, Confidence: min(confidence, 0.95)}, true
}

// inOneLine is an address as it was written, in one line.
func inOneLine(s *source, start, end int) string {
	from, to := s.span(start, end)
	return strings.Join(strings.Fields(strings.Map(halfWidth, string(s.raw[from:to]))), " ")
}

func postcode(rest string, parts map[string]string, country string) (int, bool) {
	if parts["postcode"] != "" {
		return 0, false
	}
	for _, p := range postcodes {
		m := p.form.FindStringSubmatchIndex(rest)
		if m == nil {
			continue
		}
		groups := len(m)/2 - 1
		code := rest[m[2*groups]:m[2*groups+1]]
		if groups == 2 && m[2] >= 0 {
			state := rest[m[2]:m[3]]
			if p.country == "US" && len(state) == 2 && !stateCodes[state] {
				continue
			}
			parts["state"] = strings.ToUpper(state)
		}
		parts["postcode"] = strings.ToUpper(code)
		if p.country != "" {
			parts["country"] = p.country
		} else if country != "" {
			parts["country"] = country
		}
		return m[1], true
	}
	return 0, false
}

var stateCodes = func() map[string]bool {
	all := map[string]bool{}
	for code := range strings.FieldsSeq("al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr") {
		all[code] = true
	}
	return all
}()

func countryIn(name string) (string, bool) {
	if _, ok := countries[name]; ok {
		return name, true
	}
	words := strings.Fields(name)
	for n := min(3, len(words)); n > 0; n-- {
		if head := strings.TrimRight(strings.Join(words[:n], " "), "."); countries[head] != "" {
			return head, true
		}
	}
	return "", false
}

// notTowns begin what a sentence goes on with.
var notTowns = map[string]bool{
	"please": true, "thanks": true, "and": true, "but": true, "the": true, "is": true, "by": true, "on": true, "instead": true, "not": true, "for": true, "i": true, "my": true,
	"can": true, "could": true, "it": true, "before": true, "after": true, "if": true, "so": true, "as": true, "with": true, "thank": true, "we": true, "you": true, "in": true, "at": true,
	"to": true, "from": true, "when": true, "will": true, "today": true, "tomorrow": true, "asap": true, "now": true, "or": true, "which": true, "this": true, "that": true, "ring": true, "use": true,
}

// town reads the name of a town at the beginning of rest: up to three words,
// fewer if the sentence goes on.
func town(rest string, at int, name string, sure bool) (city string, width int, ok bool) {
	var kept []string
	for i, w := range strings.Fields(name) {
		if notTowns[strings.Trim(w, ".'")] || i == 3 || len(w) < 2 && i > 0 {
			break
		}
		// A postcode that begins with letters is no part of the name.
		begin := at + len(strings.Join(kept, " "))
		if i > 0 && (postcodes[0].form.MatchString(rest[begin:]) || postcodes[1].form.MatchString(rest[begin:])) {
			break
		}
		// A state's code and the code behind it are read apart.
		tail := rest[at+len(strings.Join(append(append([]string{}, kept...), w), " ")):]
		if stateCodes[w] && i > 0 && form(`,? \d{5}`).MatchString(tail) {
			break
		}
		kept = append(kept, w)
	}
	if len(kept) == 0 {
		return "", 0, false
	}
	city = strings.Join(kept, " ")
	after := strings.TrimLeft(rest[at+len(city):], " ,")
	behindCode := false
	for _, p := range postcodes {
		behindCode = behindCode || p.form.MatchString(after)
	}
	if !sure && !behindCode {
		return "", 0, false
	}
	return strings.Trim(city, " .'"), at + len(city), true
}
