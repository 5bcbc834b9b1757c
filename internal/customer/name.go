package customer

import "strings"

// The words of generated names: kind, easy to tell apart, and never about
// anybody's looks.
var (
	adjectivesEN = []string{
		"Amber", "Brisk", "Calm", "Clever", "Copper", "Coral", "Crisp", "Eager", "Early", "Fair", "Gentle", "Golden",
		"Happy", "Hazel", "Honest", "Ivory", "Jolly", "Keen", "Kind", "Lively", "Lucky", "Mellow", "Merry", "Misty",
		"Noble", "Patient", "Quick", "Quiet", "Silver", "Spring", "Steady", "Sunny", "Swift", "Violet", "Warm", "Winter",
	}
	nounsEN = []string{
		"Badger", "Beaver", "Crane", "Cricket", "Dolphin", "Falcon", "Finch", "Fox", "Gazelle", "Hare", "Heron", "Ibis",
		"Jay", "Kestrel", "Koala", "Lark", "Lynx", "Magpie", "Marten", "Otter", "Owl", "Panda", "Pelican", "Plover",
		"Puffin", "Raven", "Robin", "Seal", "Sparrow", "Squirrel", "Stork", "Swan", "Thrush", "Turtle", "Wren", "Yak",
	}
	adjectivesZH = []string{
		"晨光", "春风", "初雪", "淡云", "冬阳", "翡翠", "枫叶", "海蓝", "琥珀", "湖畔", "金秋", "静夜",
		"橘色", "林间", "流星", "麦田", "暖阳", "飘雪", "青柠", "晴空", "秋水", "山涧", "深海", "石榴",
		"书香", "霜叶", "松风", "桃花", "微雨", "夏夜", "晓月", "新叶", "星河", "雪松", "银杏", "竹影",
	}
	nounsZH = []string{
		"白鹭", "布谷", "苍鹰", "翠鸟", "大雁", "貂熊", "杜鹃", "飞鱼", "海豚", "海鸥", "河狸", "鹤",
		"黑天鹅", "红隼", "画眉", "黄鹂", "锦鲤", "考拉", "孔雀", "猎隼", "羚羊", "鹿", "麻雀", "猫头鹰",
		"企鹅", "松鼠", "水獭", "狸猫", "熊猫", "喜鹊", "小鲸", "信天翁", "雪兔", "燕子", "夜莺", "云雀",
	}
)

// GenerateName returns a readable name for somebody who has not said theirs.
// The same number always gives the same name.
func GenerateName(locale string, number int64) string {
	// Ids made in one burst differ in their low bits only.
	mixed := uint64(number) * 0x9E3779B97F4A7C15
	a, b := mixed>>40, mixed>>20&0xfffff
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return adjectivesZH[a%uint64(len(adjectivesZH))] + nounsZH[b%uint64(len(nounsZH))]
	}
	return adjectivesEN[a%uint64(len(adjectivesEN))] + " " + nounsEN[b%uint64(len(nounsEN))]
}
